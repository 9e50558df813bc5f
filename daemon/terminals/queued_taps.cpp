#include "daemon/terminals/queued_taps.hpp"

#include <atomic>
#include <memory>
#include <utility>

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

#include "daemon/events/event.hpp"
#include "daemon/in_pool.hpp"
#include "daemon/log/log.hpp"
#include "daemon/store/on_writer.hpp"
#include "daemon/terminals/journal.hpp"
#include "protocol/sealed_reading.hpp"

namespace rollcall::terminals {
namespace {

namespace asio = boost::asio;

using events::largest_number;
using events::latest_wall_ms;

// Submits all, in order, and resumes when the last has its result. A full writer queue is
// `not_recorded`.
asio::awaitable<std::vector<attendance::TapResult>> submit_all(
    attendance::Recorder& recorder, std::vector<attendance::TapReport> reports) {
  using Results = std::vector<attendance::TapResult>;
  if (reports.empty()) co_return Results{};
  auto initiate = [&recorder](auto handler, std::vector<attendance::TapReport> all) {
    using Handler = decltype(handler);
    struct Group {
      Handler handler;
      asio::any_io_executor executor;
      Results results;
      std::atomic<std::size_t> open;
    };
    const asio::any_io_executor executor = asio::get_associated_executor(handler);
    const std::size_t count = all.size();
    auto group = std::make_shared<Group>(std::move(handler), executor, Results(count), count);
    const auto one_done = [group, guard = asio::make_work_guard(executor)] {
      if (group->open.fetch_sub(1) != 1) return;
      asio::post(group->executor, [handler = std::move(group->handler), group]() mutable {
        std::move(handler)(std::move(group->results));
      });
    };
    for (std::size_t i = 0; i < count; ++i) {
      const auto keep = [group, one_done, i](const attendance::TapResult& result) {
        group->results[i] = result;
        one_done();
      };
      if (!recorder.submit(std::move(all[i]), keep)) one_done();
    }
  };
  co_return co_await asio::async_initiate<const asio::use_awaitable_t<>, void(Results)>(
      std::move(initiate), asio::use_awaitable, std::move(reports));
}

}  // namespace

bool has_identity(std::uint64_t number) {
  return number >= 1 && number <= largest_number;
}

bool has_possible_time(std::int64_t wall_ms, std::uint64_t monotonic_ms) {
  return wall_ms >= 0 && wall_ms <= latest_wall_ms && monotonic_ms <= largest_number;
}

bool recordable(const protocol::Tap& tap) {
  const auto kind = static_cast<std::uint8_t>(tap.kind);
  return kind >= 1 && kind <= 3 && static_cast<std::uint8_t>(tap.trust) <= 2 &&
         tap.reading.size > 0 && has_possible_time(tap.wall_ms, tap.monotonic_ms);
}

QueuedTaps::QueuedTaps(const Services& services, const asio::any_io_executor& executor,
                       std::string serial, std::string room, std::function<void(const Done&)> done,
                       std::function<std::optional<attendance::ProvenPoint>()> start)
    : services_(services),
      executor_(executor),
      serial_(std::move(serial)),
      room_(std::move(room)),
      done_(std::move(done)),
      start_(std::move(start)),
      signal_(executor) {}

void QueuedTaps::push(const protocol::QueuedTap& tap) {
  waiting_.push_back({.queued = tap, .tap = std::nullopt});
  signal_.notify();
}

void QueuedTaps::close() {
  closed_ = true;
  signal_.notify();
}

asio::awaitable<void> QueuedTaps::run() {
  while (!closed_) {
    if (waiting_.empty()) {
      co_await signal_.wait();
      continue;
    }
    std::vector<Item> batch(std::make_move_iterator(waiting_.begin()),
                            std::make_move_iterator(waiting_.end()));
    waiting_.clear();
    busy_ = true;
    on_room_();
    co_await open(batch);
    std::vector<Item> again = co_await record(std::move(batch));
    busy_ = false;
    if (again.empty()) continue;
    waiting_.insert(waiting_.begin(), std::make_move_iterator(again.begin()),
                    std::make_move_iterator(again.end()));
    const auto until = Signal::Clock::now() + retry_pause;
    while (!closed_ && Signal::Clock::now() < until) co_await signal_.wait(until);
  }
}

asio::awaitable<void> QueuedTaps::open(std::vector<Item>& batch) {
  const crypto::Key& key = services_.keys.private_key;
  // One trip to the pool for all: a key agreement takes about a millisecond.
  auto work = [&batch, &key] {
    for (Item& item : batch) {
      if (item.opened) continue;
      const auto tap = protocol::open_reading(key, item.queued);
      item.opened = tap.has_value();
      if (tap && recordable(*tap)) item.tap = *tap;
    }
  };
  co_await in_pool(services_.pool, work);
}

// Returns what is not durable yet.
asio::awaitable<std::vector<QueuedTaps::Item>> QueuedTaps::record(std::vector<Item> batch) {
  std::vector<attendance::TapReport> reports;
  for (const Item& item : batch) {
    if (!item.tap) continue;
    reports.push_back({.serial = serial_, .tap = *item.tap, .live = false, .start = start_()});
  }
  const std::vector<attendance::TapResult> results =
      co_await submit_all(services_.recorder, std::move(reports));

  std::vector<Item> again;
  std::size_t next = 0;
  for (Item& item : batch) {
    Done done{.epoch = item.queued.epoch, .number = item.queued.number};
    if (item.tap) {
      const attendance::TapResult& result = results[next++];
      if (result.outcome != protocol::Outcome::not_recorded) {
        done.conflict = result.conflict;
        done_(done);
        continue;
      }
      if (++item.tries < max_tries) {
        again.push_back(std::move(item));
        continue;
      }
    }
    done.unreadable = true;
    if (const bool kept = co_await keep(item); kept) {
      done_(done);
    } else {
      again.push_back(std::move(item));
    }
  }
  co_return again;
}

asio::awaitable<bool> QueuedTaps::keep(const Item& item) {
  const protocol::QueuedTap& queued = item.queued;
  const Unreadable unreadable{
      .serial = serial_,
      .room = room_,
      .epoch = queued.epoch,
      .number = queued.number,
      .boot = queued.boot,
      .monotonic_ms = queued.monotonic_ms,
      .wall_ms = queued.wall_ms,
      .trust = queued.trust,
      .bytes = {queued.sealed.data, queued.sealed.data + queued.sealed.size},
      .opened = item.opened,
      .start = start_(),
  };
  const attendance::HostTime now = services_.now();
  const store::Writer::Job job = [&](store::Database& db) {
    keep_unreadable(db, services_.config.site, unreadable, now);
  };
  static logging::Limited log(1, std::chrono::seconds{1});
  try {
    co_await store::on_writer(services_.writer, job);
  } catch (const store::StoreError& error) {
    log.warning("stored tap cannot be read, nor kept yet; it is tried again",
                {{"terminal", serial_}, {"number", queued.number}, {"why", error.what()}});
    co_return false;
  }
  log.warning("stored tap cannot be read; it is in the staff inbox",
              {{"terminal", serial_}, {"number", queued.number}});
  co_return true;
}

}  // namespace rollcall::terminals
