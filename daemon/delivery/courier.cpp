#include "daemon/delivery/courier.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "daemon/delivery/outbox.hpp"
#include "daemon/events/event.hpp"
#include "daemon/fail_point.hpp"
#include "daemon/log/log.hpp"
#include "daemon/metrics/metrics.hpp"
#include "daemon/recovery/divergence.hpp"
#include "daemon/store/on_writer.hpp"

namespace rollcall::delivery {
namespace {

using recovery::Cause;
using recovery::Mark;
using store::Database;
using Kind = Step::Kind;

void count_attempt(std::string_view result) {
  metrics::add(metrics::Counter::delivery_attempts, result);
}

std::string_view metric_of(http::ClientError::Kind kind) {
  switch (kind) {
    case http::ClientError::Kind::resolve:
    case http::ClientError::Kind::connect:
      return "connect";
    case http::ClientError::Kind::tls:
      return "tls";
    case http::ClientError::Kind::timeout:
      return "timeout";
    case http::ClientError::Kind::closed:
    case http::ClientError::Kind::protocol:
      return "closed";
  }
  return "closed";
}

Step halted(std::string why) {
  count_attempt("client_error");
  return {Kind::halted, std::move(why), std::nullopt};
}

struct StateAnswer {
  bool valid = false;
  std::optional<Mark> mark;  // nothing = the case system holds nothing of this site
};

StateAnswer read_state(std::string_view body) {
  using nlohmann::json;
  const json state = json::parse(body, nullptr, false);
  if (!state.is_object()) return {};
  for (const char* member : {"epoch", "sequence", "event"}) {
    if (!state.contains(member)) return {};
  }
  if (state["epoch"].is_null()) return {true, std::nullopt};
  if (!state["epoch"].is_string() || !state["sequence"].is_number_integer() ||
      !state["event"].is_string()) {
    return {};
  }
  return {true, Mark{state["epoch"].get<std::string>(), state["sequence"].get<std::int64_t>(),
                     state["event"].get<std::string>()}};
}

std::vector<std::string> ids_of(const Batch& batch) {
  std::vector<std::string> ids;
  ids.reserve(batch.items.size());
  for (const Item& item : batch.items) ids.push_back(item.event_id);
  return ids;
}

}  // namespace

Courier::Courier(asio::any_io_executor executor, store::Writer& writer, store::Readers& readers,
                 const config::Config& config, asio::ssl::context& tls,
                 std::function<attendance::HostTime()> now)
    : writer_(writer),
      readers_(readers),
      config_(config),
      now_(std::move(now)),
      zone_(config.site.timezone),
      case_system_(std::move(executor), tls, config),
      high_water_(config.data_dir + "/highwater") {}

asio::awaitable<Step> Courier::step(bool partial_too) {
  if (case_system_.connections_opened() != compared_on_) compare_due_ = true;
  if (compare_due_) return reconcile();
  if (recovering_) return fetch_missing();
  if (batch_) return key_was_reused_ ? new_key() : post();
  return freeze_next(partial_too);
}

// Comparing ---------------------------------------------------------------------------------------

void Courier::check_at_start() {
  if (const auto loaded = high_water_.load(); !loaded) {
    logging::warning("high-water file not used", {{"why", loaded.error()}});
  }
  const auto newest = high_water_.newest();
  std::string epoch;
  writer_.run_now([&](Database& db) {
    events::current_epoch(db);  // makes the first one: readers cannot
    recovering_ = !recovery::missing(db).empty();
    if (!recovering_ && newest && recovery::reconciled(db) != newest) {
      if (const auto cause = recovery::compare(db, *newest)) {
        recovery::diverge(db, config_, *cause, high_water_.marks(), newest, now_());
        recovering_ = true;
      }
    }
    epoch = events::current_epoch(db);
  });
  if (!recovering_) return;
  logging::warning("the database is older than what was delivered: a new log epoch is open",
                   {{"epoch", epoch}});
  if (newest && newest->epoch == epoch) return;
  if (const auto written = high_water_.raise({epoch, 0, ""}); !written) {
    logging::error("high-water file not written", {{"why", written.error()}});
  }
}

asio::awaitable<Step> Courier::reconcile() {
  const CaseSystem::Result answer = co_await case_system_.state();
  if (!answer) co_return failed(answer.error());
  if (auto failure = failure_of(answer->raw(), now_().wall_ms)) {
    if (auto* later = std::get_if<TryAgain>(&*failure)) co_return failed(std::move(*later));
    co_return halted(std::get<Refused>(*failure).why);
  }
  const StateAnswer state = read_state(answer->body);
  if (!state.valid) {
    co_return failed(TryAgain{"the case system's state cannot be read", true, false, std::nullopt});
  }
  remote_ = state.mark;
  if (remote_) {
    bool opened = false;
    const auto job = [this, &opened](Database& db) {
      const std::vector<recovery::Missing> list = recovery::missing(db);
      if (!list.empty()) {
        // Already on the way back; the case system may know an epoch that nobody here remembers.
        const bool listed = std::ranges::any_of(
            list, [this](const auto& each) { return each.epoch == remote_->epoch; });
        if (!listed && recovery::compare(db, *remote_)) {
          auto longer = list;
          longer.push_back({remote_->epoch, 0});
          recovery::set_missing(db, longer);
        }
        return;
      }
      if (recovery::reconciled(db) == remote_) return;
      const auto cause = recovery::compare(db, *remote_);
      if (!cause) return;
      recovery::diverge(db, config_, *cause, high_water_.marks(), remote_, now_());
      opened = true;
    };
    co_await store::on_writer(writer_, job);
    if (opened) {
      recovering_ = true;
      logging::warning("the case system holds other events than this database: fetching them back",
                       {{"epoch", remote_->epoch}, {"sequence", remote_->sequence}});
      co_await mark_epoch();
    }
  }
  compare_due_ = false;
  compared_on_ = case_system_.connections_opened();
  co_return Step{};
}

asio::awaitable<Step> Courier::fetch_missing() {
  const std::function<std::vector<recovery::Missing>(Database&)> read = recovery::missing;
  std::vector<recovery::Missing> left = co_await readers_.query(read);
  recovery::Missing& now = left.front();
  const CaseSystem::Result answer = co_await case_system_.events(now.epoch, now.after);
  if (!answer) co_return failed(answer.error());
  if (auto failure = failure_of(answer->raw(), now_().wall_ms)) {
    if (auto* later = std::get_if<TryAgain>(&*failure)) co_return failed(std::move(*later));
    co_return halted(std::get<Refused>(*failure).why);
  }
  const auto page = recovery::read_page(answer->body, config_.site.id, now.epoch, now.after);
  if (!page) co_return failed(TryAgain{page.error(), true, false, std::nullopt});

  const std::string epoch = now.epoch;
  if (page->after) {
    now.after = *page->after;
  } else {
    left.erase(left.begin());
  }
  std::size_t fresh = 0;
  const auto job = [&](Database& db) {
    fresh = recovery::import(db, page->events, zone_);
    recovery::set_missing(db, left);
    if (!left.empty()) return;
    if (remote_) recovery::set_reconciled(db, *remote_);
    recovery::ask_terminals_again(db);
  };
  co_await store::on_writer(writer_, job);
  logging::info("events fetched back",
                {{"epoch", epoch}, {"events", page->events.size()}, {"new_here", fresh}});
  if (left.empty()) {
    recovering_ = false;
    batch_.reset();  // it may have been taken back
    looked_for_open_ = false;
    logging::info("everything the case system holds is here again");
    if (recovered_) recovered_();
  }
  co_return Step{};
}

// Sending -----------------------------------------------------------------------------------------

asio::awaitable<Step> Courier::freeze_next(bool partial_too) {
  if (!looked_for_open_) {
    const std::function<std::optional<Batch>(Database&)> read = outbox::first_open;
    batch_ = co_await readers_.query(read);
    looked_for_open_ = !batch_;
    if (batch_) co_return Step{};
  }
  const std::function<std::optional<Batch>(Database&)> build = [this, partial_too](Database& db) {
    std::vector<Item> items = outbox::next_items(db, config_.delivery.batch_events);
    const bool due = partial_too || items.size() >= config_.delivery.batch_events ||
                     (!items.empty() && items.front().attempt > 1);
    if (items.empty() || !due) return std::optional<Batch>();
    return std::optional(make_batch(db, config_.site.id, std::move(items), now_().wall_ms));
  };
  std::optional<Batch> batch = co_await readers_.query(build);
  if (!batch) co_return Step{Kind::idle, {}, std::nullopt};
  fail_point("answer-to-batch");
  const auto job = [&](Database& db) { outbox::freeze(db, *batch, now_().wall_ms); };
  co_await store::on_writer(writer_, job);
  batch_ = std::move(batch);
  co_return Step{};
}

asio::awaitable<Step> Courier::post() {
  // Named: GCC 12 destroys a braced temporary in a co_await expression twice.
  const Mark mark{batch_->epoch(), batch_->last(), batch_->items.back().event_id};
  co_await raise_high_water(mark);
  ++batch_->attempts;
  const CaseSystem::Result answer = co_await case_system_.post(*batch_);
  if (!answer) co_return failed(answer.error());
  fail_point("post-to-receipt");
  co_return co_await after_answer(understand(answer->raw(), ids_of(*batch_), now_().wall_ms));
}

asio::awaitable<Step> Courier::after_answer(Answer answer) {
  if (auto* receipt = std::get_if<Receipt>(&answer)) co_return co_await keep(std::move(*receipt));
  if (std::holds_alternative<Split>(answer)) co_return co_await split();
  if (auto* fork = std::get_if<Fork>(&answer)) co_return co_await leave_fork(std::move(*fork));
  if (auto* gap = std::get_if<Gap>(&answer)) co_return co_await fill_gap(std::move(*gap));
  if (std::holds_alternative<KeyReused>(answer)) {
    key_was_reused_ = true;
    co_return halted(
        "the case system has seen this batch's key with other bytes; the events are kept and go "
        "out under a new key when you try again");
  }
  if (auto* later = std::get_if<TryAgain>(&answer)) co_return failed(std::move(*later));
  co_return halted(std::get<Refused>(answer).why);
}

asio::awaitable<Step> Courier::keep(Receipt receipt) {
  const auto job = [&](Database& db) {
    outbox::keep_receipt(db, *batch_, receipt, now_().wall_ms);
  };
  co_await store::on_writer(writer_, job);
  count_attempt("receipt");
  metrics::add(metrics::Counter::delivered_events, "accepted",
               static_cast<double>(receipt.accepted));
  metrics::add(metrics::Counter::delivered_events, "rejected",
               static_cast<double>(receipt.rejected.size()));
  logging::info("batch received", {{"batch", batch_->id},
                                   {"epoch", batch_->epoch()},
                                   {"first", batch_->first()},
                                   {"last", batch_->last()},
                                   {"accepted", receipt.accepted},
                                   {"rejected", receipt.rejected.size()}});
  batch_.reset();
  last_gap_.reset();
  co_return Step{Kind::receipt, {}, std::nullopt};
}

asio::awaitable<Step> Courier::split() {
  if (batch_->items.size() == 1) {
    co_return halted(
        "one single event is larger than the case system takes; it and all behind it wait");
  }
  const std::function<std::vector<Batch>(Database&)> build = [this](Database& db) {
    const auto middle =
        batch_->items.begin() + static_cast<std::ptrdiff_t>(batch_->items.size() / 2);
    const std::int64_t now_ms = now_().wall_ms;
    return std::vector{make_batch(db, config_.site.id, {batch_->items.begin(), middle}, now_ms),
                       make_batch(db, config_.site.id, {middle, batch_->items.end()}, now_ms)};
  };
  const std::vector<Batch> halves = co_await readers_.query(build);
  const auto job = [&](Database& db) { outbox::replace(db, *batch_, halves, now_().wall_ms); };
  co_await store::on_writer(writer_, job);
  logging::info("batch too large: split in two", {{"batch", batch_->id}});
  batch_.reset();
  looked_for_open_ = false;
  co_return Step{};
}

asio::awaitable<Step> Courier::new_key() {
  const std::function<std::vector<Batch>(Database&)> build = [this](Database& db) {
    return std::vector{make_batch(db, config_.site.id, batch_->items, now_().wall_ms)};
  };
  const std::vector<Batch> again = co_await readers_.query(build);
  const auto job = [&](Database& db) { outbox::replace(db, *batch_, again, now_().wall_ms); };
  co_await store::on_writer(writer_, job);
  key_was_reused_ = false;
  batch_.reset();
  looked_for_open_ = false;
  co_return Step{};
}

// Parting -----------------------------------------------------------------------------------------

asio::awaitable<Step> Courier::leave_fork(Fork fork) {
  logging::warning("the case system holds another event at a place of the log",
                   {{"epoch", fork.epoch}, {"sequence", fork.sequence}});
  return diverge(Cause::fork, {fork.epoch, fork.sequence});
}

asio::awaitable<Step> Courier::fill_gap(Gap gap) {
  const Place from{gap.epoch, gap.expected};
  logging::warning("the case system misses events",
                   {{"epoch", gap.epoch}, {"expected", gap.expected}});
  bool possible = last_gap_ != from;
  last_gap_ = from;
  if (possible) {
    const auto job = [&](Database& db) {
      possible = outbox::send_again_from(db, from);
      outbox::tell_staff(
          db, "case-system-behind", from.epoch,
          "The case system asked for events again that it had confirmed before. They "
          "are sent again; ask there whether data was lost.",
          now_().wall_ms);
    };
    co_await store::on_writer(writer_, job);
  }
  if (!possible) co_return co_await diverge(Cause::gap, from);
  batch_.reset();
  looked_for_open_ = false;
  co_return Step{};
}

// The place where the next batch should go does not fit: the events without a receipt go on in an
// epoch of their own, new events in another.
asio::awaitable<Step> Courier::diverge(Cause cause, Place from) {
  const auto job = [&](Database& db) {
    recovery::diverge(db, config_, cause, high_water_.marks(), remote_, now_());
    outbox::move_to_new_epoch(db, from);
  };
  co_await store::on_writer(writer_, job);
  batch_.reset();
  looked_for_open_ = false;
  recovering_ = true;
  compare_due_ = true;
  co_await mark_epoch();
  co_return Step{};
}

asio::awaitable<void> Courier::mark_epoch() {
  const std::function<std::string(Database&)> read = events::current_epoch;
  const std::string epoch = co_await readers_.query(read);
  const Mark mark{epoch, 0, ""};
  co_await raise_high_water(mark);
}

// The file is written on a reader's thread: the reactor never waits for a disk.
asio::awaitable<void> Courier::raise_high_water(Mark mark) {
  if (high_water_.newest() == mark) co_return;
  const std::function<std::string(Database&)> write = [this, &mark](Database&) {
    const auto written = high_water_.raise(mark);
    return written ? std::string() : written.error();
  };
  const std::string error = co_await readers_.query(write);
  if (!error.empty()) throw store::StoreError(0, error);
}

Step Courier::failed(const http::ClientError& error) {
  count_attempt(metric_of(error.kind));
  return {Kind::failed, error.text, std::nullopt};
}

Step Courier::failed(TryAgain answer) {
  count_attempt(answer.bad_receipt ? "bad_receipt"
                : answer.throttled ? "throttled"
                                   : "server_error");
  return {Kind::failed, std::move(answer.why), answer.retry_after, answer.bad_receipt};
}

}  // namespace rollcall::delivery
