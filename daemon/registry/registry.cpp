#include "daemon/registry/registry.hpp"

#include <utility>

#include "daemon/registry/rows.hpp"
#include "daemon/store/on_writer.hpp"

namespace rollcall::registry {

namespace asio = boost::asio;

Registry::Registry(store::Writer& writer, const config::Site& site, const crypto::Key& site_private,
                   std::function<events::TimeBlock()> now)
    : writer_(writer), site_(site), seal_(site_private), now_(std::move(now)) {}

std::vector<std::string> Registry::load(store::Database& db) {
  for (const std::string& serial : unproven_enrolments(db)) {
    (void)Ledger{db, seal_, site_, now_()}.withdraw(serial);  // refuses none of these
  }
  Loaded loaded = read_all(db, seal_);
  for (Entry& entry : loaded.entries) {
    std::string serial = entry.serial;
    entries_.insert_or_assign(std::move(serial), std::move(entry));
  }
  return std::move(loaded.unopened);
}

const Entry* Registry::find(const std::string& serial) const {
  const auto found = entries_.find(serial);
  return found == entries_.end() ? nullptr : &found->second;
}

std::vector<const Entry*> Registry::all() const {
  std::vector<const Entry*> out;
  for (const auto& [serial, entry] : entries_) out.push_back(&entry);
  return out;
}

// Changes of one terminal come back in the order in which they were committed, so that the newest
// row is the one that stays.
asio::awaitable<Done> Registry::change(std::string serial, Change what, Step step) {
  Done done;
  std::optional<Entry> after;
  const store::Writer::Job job = [&](store::Database& db) {
    done = step(Ledger{db, seal_, site_, now_()});
    if (done) after = read_entry(db, seal_, serial);
  };
  co_await store::on_writer(writer_, job);
  if (after) adopt(std::move(*after), what);
  co_return done;
}

void Registry::adopt(Entry entry, Change what) {
  Entry& kept = entries_[entry.serial];
  kept = std::move(entry);
  if (listener_) listener_(kept, what);
}

asio::awaitable<Done> Registry::grant(std::string serial, Placement placement, crypto::Key key,
                                      std::string actor) {
  Step step = [&](const Ledger& ledger) { return ledger.grant(serial, placement, key, actor); };
  co_return co_await change(serial, Change::granted, std::move(step));
}

asio::awaitable<Done> Registry::proven(std::string serial, crypto::Key key, std::string firmware) {
  const Entry* entry = find(serial);
  if (entry != nullptr && entry->keys[current_key] == key) co_return Done{};
  Step step = [&](const Ledger& ledger) { return ledger.prove(serial, key, firmware); };
  co_return co_await change(serial, Change::proven, std::move(step));
}

asio::awaitable<Done> Registry::withdraw(std::string serial) {
  Step step = [&](const Ledger& ledger) { return ledger.withdraw(serial); };
  co_return co_await change(serial, Change::withdrawn, std::move(step));
}

asio::awaitable<Done> Registry::move(std::string serial, Move move, std::string actor) {
  Step step = [&](const Ledger& ledger) { return ledger.move(serial, move, actor); };
  co_return co_await change(serial, Change::configured, std::move(step));
}

asio::awaitable<std::expected<crypto::Key, Refusal>> Registry::rotate(std::string serial,
                                                                      crypto::Key key,
                                                                      std::string actor) {
  crypto::Key chosen{};
  Step step = [&](const Ledger& ledger) -> Done {
    const auto made = ledger.rotate(serial, key, actor);
    if (!made) return std::unexpected(made.error());
    chosen = *made;
    return {};
  };
  const Done done = co_await change(serial, Change::rotated, std::move(step));
  if (!done) co_return std::unexpected(done.error());
  co_return chosen;
}

asio::awaitable<Done> Registry::revoke(std::string serial, std::string reason, std::string actor,
                                       std::optional<std::uint32_t> waiting) {
  Step step = [&](const Ledger& ledger) { return ledger.revoke(serial, reason, actor, waiting); };
  co_return co_await change(serial, Change::revoked, std::move(step));
}

}  // namespace rollcall::registry
