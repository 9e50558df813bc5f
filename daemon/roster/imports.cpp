#include "daemon/roster/imports.hpp"

#include <algorithm>
#include <memory>
#include <utility>

#include "daemon/in_pool.hpp"
#include "daemon/log/log.hpp"
#include "daemon/store/on_writer.hpp"

namespace rollcall::roster {
namespace {

using boost::asio::awaitable;

std::vector<SourceStatus> read_status(store::Database& db) {
  std::vector<SourceStatus> all;
  auto row = db.prepare("SELECT source, read_ms, summary FROM roster_source ORDER BY source");
  while (row.step()) {
    SourceStatus status{row.text(0), row.integer(1), row.text(2)};
    for (std::size_t i = 0; i < kinds; ++i) {
      auto held = db.prepare("SELECT count(*) FROM held_removal WHERE source = ? AND record = ?");
      held.bind(status.source, kind_names[i]).step();
      status.held[i] = static_cast<int>(held.integer(0));
    }
    all.push_back(std::move(status));
  }
  return all;
}

}  // namespace

void log(const std::string& source, const Outcome& outcome) {
  for (std::size_t i = 0; i < std::min<std::size_t>(outcome.problems.size(), kept_messages); ++i)
    logging::warning("roster row skipped", {{"why", outcome.problems[i].text()}});
  logging::info("roster read", {{"source", source},
                                {"added", outcome.total(&Counts::added)},
                                {"changed", outcome.total(&Counts::changed)},
                                {"removed", outcome.total(&Counts::removed)},
                                {"held", outcome.total(&Counts::held)},
                                {"skipped", outcome.problems.size()}});
}

Imports::Imports(ImportServices services)
    : services_(std::move(services)), zone_(services_.config.site.timezone) {}

Moment Imports::moment() const {
  const std::int64_t now = services_.now_ms();
  return {now, zone_.at(now).day};
}

awaitable<std::expected<Report, std::vector<std::string>>> Imports::take(Upload upload,
                                                                         bool dry_run) {
  const std::string today = moment().day;
  auto read_it = [&] { return read_upload(upload, services_.config, services_.hash, today); };
  auto reading = co_await in_pool(services_.pool, std::move(read_it));
  if (!reading) co_return std::unexpected(std::move(reading.error()));
  std::string source = reading->source;
  if (dry_run) {
    std::function<Outcome(store::Database&)> look = [&](store::Database& db) {
      return preview(db, *reading, today);
    };
    Outcome outcome = co_await services_.readers.query<Outcome>(std::move(look));
    co_return Report{std::move(source), std::move(outcome)};
  }
  Outcome outcome = co_await put(std::move(*reading), std::nullopt);
  co_return Report{std::move(source), std::move(outcome)};
}

awaitable<Outcome> Imports::put(Reading reading, std::optional<std::string> cursor) {
  const auto shared = std::make_shared<Reading>(std::move(reading));
  const auto outcome = std::make_shared<Outcome>();
  store::Writer::Job job = [shared, outcome, cursor, names = services_.names,
                            now = moment()](store::Database& db) {
    *outcome = apply(db, *shared, now, cursor, names);
  };
  co_await store::on_writer(services_.writer, std::move(job));
  log(shared->source, *outcome);
  if (outcome->cards_changed && services_.on_cards_changed) services_.on_cards_changed();
  co_return std::move(*outcome);
}

awaitable<PerKind<int>> Imports::apply_removals(std::optional<std::string> source,
                                                std::string actor) {
  const auto removed = std::make_shared<PerKind<int>>();
  store::Writer::Job job = [removed, source, actor, now = moment()](store::Database& db) {
    *removed = apply_held(db, source, actor, now);
  };
  co_await store::on_writer(services_.writer, std::move(job));
  int total = 0;
  for (const int count : *removed) total += count;
  logging::info("held removals of the roster were applied", {{"removed", total}, {"by", actor}});
  co_return *removed;
}

awaitable<std::vector<SourceStatus>> Imports::status() {
  std::function<std::vector<SourceStatus>(store::Database&)> look = read_status;
  co_return co_await services_.readers.query<std::vector<SourceStatus>>(std::move(look));
}

}  // namespace rollcall::roster
