#include "daemon/settling.hpp"

#include <chrono>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "daemon/attendance/settle.hpp"
#include "daemon/log/log.hpp"
#include "daemon/store/on_writer.hpp"

namespace rollcall {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

constexpr auto interval = 10s;       // a stay is closed so late at most
constexpr auto between_jobs = 20ms;  // taps come first
constexpr int days_a_job = 50;

}  // namespace

struct Settling::Impl : std::enable_shared_from_this<Settling::Impl> {
  Impl(asio::any_io_executor on, store::Writer& to, const config::Config& with,
       std::function<attendance::HostTime()> time, std::function<bool()> wait)
      : executor(std::move(on)),
        writer(to),
        config(with),
        now(std::move(time)),
        pauses(std::move(wait)),
        timer(executor) {}

  // Whether more days wait.
  asio::awaitable<bool> settle_some() {
    const auto more = std::make_shared<bool>(false);
    store::Writer::Job job = [more, &site = config, time = now](store::Database& db) {
      *more = attendance::settle_due(db, site, time(), days_a_job);
    };
    const store::Written outcome = co_await store::written(writer, std::move(job));
    if (outcome.committed != store::Committed::yes) {
      logging::warning("days could not be settled; they are tried again", {{"why", outcome.error}});
      co_return false;
    }
    co_return *more;
  }

  asio::awaitable<void> run() {
    const auto self = shared_from_this();
    while (running) {
      const bool more = pauses() ? false : co_await settle_some();
      if (!running) break;
      timer.expires_after(more ? std::chrono::milliseconds(between_jobs)
                               : std::chrono::milliseconds(interval));
      co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
    }
  }

  asio::any_io_executor executor;
  store::Writer& writer;
  const config::Config& config;
  std::function<attendance::HostTime()> now;
  std::function<bool()> pauses;
  asio::steady_timer timer;
  bool running = false;
};

Settling::Settling(asio::any_io_executor executor, store::Writer& writer,
                   const config::Config& config, std::function<attendance::HostTime()> now,
                   std::function<bool()> pauses)
    : impl_(std::make_shared<Impl>(std::move(executor), writer, config, std::move(now),
                                   std::move(pauses))) {}
Settling::~Settling() = default;

void Settling::start() {
  impl_->running = true;
  asio::co_spawn(impl_->executor, impl_->run(), asio::detached);
}

void Settling::stop() {
  impl_->running = false;
  impl_->timer.cancel();
}

}  // namespace rollcall
