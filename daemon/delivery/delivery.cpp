#include "daemon/delivery/delivery.hpp"

#include <algorithm>
#include <atomic>
#include <random>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "daemon/delivery/backoff.hpp"
#include "daemon/delivery/courier.hpp"
#include "daemon/delivery/outbox.hpp"
#include "daemon/log/log.hpp"
#include "daemon/store/on_writer.hpp"

namespace rollcall::delivery {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;
using store::Database;
using Kind = Step::Kind;

constexpr unsigned failures_until_down = 3;
// Numbers for console and metrics are counted again at most this often.
constexpr milliseconds refresh_interval{200};

constexpr std::string_view stopped_kind = "delivery-stopped";
constexpr std::string_view receipt_kind = "wrong-receipt";
constexpr std::string_view subject = "case-system";

}  // namespace

std::string_view name(State state) {
  switch (state) {
    case State::off:
      return "off";
    case State::delivering:
      return "delivering";
    case State::waiting:
      return "waiting";
    case State::down:
      return "down";
    case State::stopped:
      return "stopped";
  }
  return "off";
}

std::expected<std::unique_ptr<asio::ssl::context>, std::string> tls_context(
    const std::string& ca_file) {
  auto context = std::make_unique<asio::ssl::context>(asio::ssl::context::tls_client);
  boost::system::error_code error;
  context->load_verify_file(ca_file, error);
  if (error) {
    return std::unexpected("delivery.ca_file " + ca_file +
                           " holds no certificate that can be read: " + error.message());
  }
  return context;
}

struct Delivery::Impl : std::enable_shared_from_this<Delivery::Impl> {
  Impl(asio::any_io_executor e, store::Writer& w, store::Readers& r, const config::Config& c,
       std::function<attendance::HostTime()> n)
      : executor(e), writer(w), readers(r), config(c), now(std::move(n)), timer(std::move(e)) {}

  asio::any_io_executor executor;
  store::Writer& writer;
  store::Readers& readers;
  const config::Config& config;
  std::function<attendance::HostTime()> now;
  std::optional<Courier> courier;  // nothing without a delivery.url
  asio::steady_timer timer;
  std::mt19937_64 random{std::random_device{}()};

  Status status;
  unsigned failures = 0;
  bool stopping = false;
  std::atomic<bool> running = false;
  bool try_now = false;            // ends a pause
  bool notice_open = true;         // staff may have been told of trouble: to be closed
  std::atomic<bool> woken = true;  // something was committed since the numbers were read
  Clock::time_point refreshed{};
  std::optional<Clock::time_point> waiting_since;  // when unsent events were first seen

  asio::awaitable<void> run();
  asio::awaitable<void> settle(Step step);
  asio::awaitable<void> wait_until_due();
  asio::awaitable<void> pause(Clock::time_point until);
  asio::awaitable<void> refresh();
  asio::awaitable<void> tell_staff(std::string_view kind, std::string detail);
  asio::awaitable<void> close_notices();
  asio::awaitable<void> sleep(Clock::time_point until);
};

// The loop ----------------------------------------------------------------------------------------

asio::awaitable<void> Delivery::Impl::run() {
  const auto self = shared_from_this();
  bool due = false;
  while (!stopping) {
    Step step;
    try {
      if (woken.exchange(false) || Clock::now() - refreshed > refresh_interval) {
        co_await refresh();
      }
      if (courier) {
        step = co_await courier->step(due);
        status.recovering = courier->recovering();
      } else {
        step.kind = Kind::idle;
      }
      if (stopping) break;
      if (step.kind == Kind::idle) {
        // All was offered and nothing was there: count again before looking again.
        if (due) co_await refresh();
        co_await wait_until_due();
        due = true;
        continue;
      }
      due = false;
    } catch (const std::exception& error) {
      step = {Kind::failed, error.what(), std::nullopt};
    }
    co_await settle(std::move(step));
  }
  running = false;
}

asio::awaitable<void> Delivery::Impl::settle(Step step) {
  try {
    if (step.kind == Kind::progress || step.kind == Kind::receipt) {
      failures = 0;
      status.state = State::delivering;
      status.last_error.clear();
      if (step.kind == Kind::receipt) {
        waiting_since.reset();
        if (notice_open) co_await close_notices();
      }
      co_return;
    }
    if (status.last_error != step.why) {
      logging::warning("delivery held up", {{"why", step.why}});
      status.last_error = step.why;
    }
    if (step.kind == Kind::halted) {
      status.state = State::stopped;
      co_await tell_staff(stopped_kind, "Delivery has stopped: " + step.why +
                                            ". Everything is kept here. When that is repaired, "
                                            "let it try again.");
      co_await pause(Clock::time_point::max());
      co_return;
    }
    status.state = ++failures < failures_until_down ? State::waiting : State::down;
    if (step.bad_receipt) {
      co_await tell_staff(receipt_kind,
                          "The case system gave an answer that does not fit what was "
                          "sent: " +
                              step.why +
                              ". Nothing was taken as delivered; "
                              "it is sent again.");
    }
  } catch (const std::exception& error) {
    logging::error("delivery cannot write", {{"why", error.what()}});
    ++failures;
  }
  const milliseconds wait =
      pause_before_retry(failures - 1, config.delivery.retry_first, config.delivery.retry_max,
                         random(), step.retry_after);
  co_await pause(Clock::now() + wait);
}

// New events are sent together: when there are enough for a batch, or the first has waited long
// enough. Returns at once when staff asked for a try.
asio::awaitable<void> Delivery::Impl::wait_until_due() {
  while (!stopping && !try_now) {
    if (woken.exchange(false)) co_await refresh();
    const bool nothing = !courier || status.waiting == 0;
    if (nothing) {
      waiting_since.reset();
    } else if (!waiting_since) {
      waiting_since = Clock::now();
    }
    auto until = nothing ? Clock::time_point::max() : *waiting_since + config.delivery.batch_age;
    if (!nothing && (status.waiting >= config.delivery.batch_events || Clock::now() >= until))
      break;
    // What was committed during the count above has already spent its wake-up.
    if (!woken) co_await sleep(until);
    // A stream of commits must not become a stream of counting.
    if (woken && !stopping) co_await sleep(std::min(until, refreshed + refresh_interval / 4));
  }
  try_now = false;
  waiting_since.reset();
}

// Failed attempts are not repeated sooner because something new was committed.
asio::awaitable<void> Delivery::Impl::pause(Clock::time_point until) {
  while (!stopping && !try_now && Clock::now() < until) {
    co_await sleep(woken ? std::min(until, refreshed + refresh_interval) : until);
    if (woken && Clock::now() - refreshed >= refresh_interval) {
      woken = false;
      co_await refresh();
    }
  }
  try_now = false;
}

asio::awaitable<void> Delivery::Impl::sleep(Clock::time_point until) {
  if (stopping || try_now || Clock::now() >= until) co_return;
  timer.expires_at(until);
  co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
}

// What people see ---------------------------------------------------------------------------------

asio::awaitable<void> Delivery::Impl::refresh() {
  const std::function<outbox::Counts(Database&)> read = outbox::counts;
  const outbox::Counts counts = co_await readers.query(read);
  refreshed = Clock::now();
  status.waiting = counts.waiting;
  status.open_batches = counts.open_batches;
  status.rejected = counts.rejected;
  status.last_receipt_ms = counts.last_receipt_ms;
}

asio::awaitable<void> Delivery::Impl::tell_staff(std::string_view kind, std::string detail) {
  notice_open = true;
  const auto job = [this, kind, &detail](Database& db) {
    outbox::tell_staff(db, kind, subject, detail, now().wall_ms);
  };
  co_await store::on_writer(writer, job);
}

asio::awaitable<void> Delivery::Impl::close_notices() {
  const auto job = [this](Database& db) {
    outbox::close_matter(db, stopped_kind, subject, now().wall_ms);
    outbox::close_matter(db, receipt_kind, subject, now().wall_ms);
  };
  co_await store::on_writer(writer, job);
  notice_open = false;
}

// The outside -------------------------------------------------------------------------------------

Delivery::Delivery(asio::any_io_executor executor, store::Writer& writer, store::Readers& readers,
                   const config::Config& config, asio::ssl::context* tls,
                   std::function<attendance::HostTime()> now)
    : impl_(std::make_shared<Impl>(executor, writer, readers, config, now)) {
  if (config.delivery.url.empty() || tls == nullptr) return;
  impl_->courier.emplace(std::move(executor), writer, readers, config, *tls, std::move(now));
}

Delivery::~Delivery() {
  stop();
}

void Delivery::start() {
  if (impl_->courier) {
    impl_->courier->check_at_start();
    impl_->status.state = State::delivering;
    impl_->status.recovering = impl_->courier->recovering();
  }
  impl_->running = true;
  asio::co_spawn(impl_->executor, impl_->run(), asio::detached);
}

bool Delivery::finished() const {
  return !impl_->running;
}

void Delivery::stop() {
  impl_->stopping = true;
  impl_->timer.cancel();
  if (impl_->courier) impl_->courier->close();
}

void Delivery::wake() {
  if (impl_->woken.exchange(true)) return;
  asio::post(impl_->executor, [weak = std::weak_ptr(impl_)] {
    if (const auto impl = weak.lock()) impl->timer.cancel();
  });
}

const Status& Delivery::status() const {
  return impl_->status;
}

asio::awaitable<std::uint64_t> Delivery::retry_rejected(std::optional<std::string> reason) {
  const std::shared_ptr<Impl> impl = impl_;
  std::uint64_t events = 0;
  const auto job = [&](Database& db) { events = outbox::retry_rejected(db, reason); };
  co_await store::on_writer(impl->writer, job);
  logging::info("rejected events go out again", {{"events", events}});
  impl->woken = true;
  impl->try_now = true;
  impl->timer.cancel();
  co_return events;
}

void Delivery::retry_now() {
  impl_->try_now = true;
  impl_->timer.cancel();
}

void Delivery::on_recovered(std::function<void()> told) {
  if (impl_->courier) impl_->courier->on_recovered(std::move(told));
}

}  // namespace rollcall::delivery
