// The terminals of the site: who may connect, with which key, and where each stands. They rest in
// the database; this is the copy in memory that the links are served from.
//
// Everything but load() runs on the reactor. A change is one writer job with its event; only when
// that is durable the copy changes, and then the listener is told.
#pragma once

#include <expected>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "daemon/registry/changes.hpp"
#include "daemon/store/writer.hpp"

namespace rollcall::registry {

enum class Change : std::uint8_t {
  granted,     // it has a pending key of an enrolment
  proven,      // the pending key is the current one now; a revoked terminal is active again
  withdrawn,   // the pending key of an enrolment is gone
  configured,  // room, mode or languages
  rotated,     // it has a pending key of a rotation
  revoked,     // its keys are gone: its session must end at once
};

class Registry {
 public:
  // All outlive the registry. `now` is called on the writer's thread.
  Registry(store::Writer& writer, const config::Site& site, const crypto::Key& site_private,
           std::function<events::TimeBlock()> now);

  // Reads all rows, before the reactor runs; inside the writer's transaction. An enrolment that was
  // not proven ended with the daemon that had its window: its key is forgotten. Returns the serials
  // whose keys do not open with this site's key: such a terminal is kept without keys and must be
  // enrolled again.
  std::vector<std::string> load(store::Database& db);

  // Nothing when no terminal has this serial. The pointer stays good as long as the registry; what
  // it points to changes with each change.
  const Entry* find(const std::string& serial) const;
  std::vector<const Entry*> all() const;  // by serial, the revoked ones too
  std::size_t size() const { return entries_.size(); }

  // One listener; a later one replaces it.
  void on_change(std::function<void(const Entry& entry, Change what)> listener) {
    listener_ = std::move(listener);
  }

  // Changes (changes.hpp says what each does). Arguments are checked by the caller: serial and room
  // as the configuration has them, actor and reason as events::is_actor, is_sentence. They throw
  // store::StoreError when the writer cannot take them: nothing was changed then.
  boost::asio::awaitable<Done> grant(std::string serial, Placement placement, crypto::Key key,
                                     std::string actor);
  // The terminal has shown that it holds `key`; `firmware` as its HELLO has it. With the current
  // key nothing is to do; refused when the key is none of this terminal's any more. Called before
  // what the session sends next: the key is then durable on both ends.
  boost::asio::awaitable<Done> proven(std::string serial, crypto::Key key, std::string firmware);
  boost::asio::awaitable<Done> withdraw(std::string serial);
  boost::asio::awaitable<Done> move(std::string serial, Move move, std::string actor);
  // Returns the key to hand over.
  boost::asio::awaitable<std::expected<crypto::Key, Refusal>> rotate(std::string serial,
                                                                     crypto::Key key,
                                                                     std::string actor);
  boost::asio::awaitable<Done> revoke(std::string serial, std::string reason, std::string actor,
                                      std::optional<std::uint32_t> waiting);

 private:
  using Step = std::function<Done(const Ledger&)>;
  boost::asio::awaitable<Done> change(std::string serial, Change what, Step step);
  void adopt(Entry entry, Change what);

  store::Writer& writer_;
  const config::Site& site_;
  KeySeal seal_;
  std::function<events::TimeBlock()> now_;
  std::function<void(const Entry&, Change)> listener_;
  std::map<std::string, Entry, std::less<>> entries_;
};

}  // namespace rollcall::registry
