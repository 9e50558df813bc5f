#include "daemon/roster/case_feed.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "daemon/delivery/case_system.hpp"
#include "daemon/log/log.hpp"
#include "daemon/roster/feed.hpp"
#include "hal/host/http/http.hpp"

namespace rollcall::roster {

namespace asio = boost::asio;
using asio::awaitable;

struct CaseFeed::Impl : std::enable_shared_from_this<CaseFeed::Impl> {
  Impl(asio::any_io_executor given, asio::ssl::context& tls, const config::Config& of,
       Imports& into, store::Readers& from)
      : executor(std::move(given)),
        config(of),
        imports(into),
        readers(from),
        client(executor, tls, delivery::origin_of(of.delivery.url).host,
               delivery::origin_of(of.delivery.url).port),
        pause(executor) {}

  awaitable<http::ClientResult> page(const std::string& cursor);
  awaitable<std::expected<void, std::string>> ask();
  awaitable<void> run();

  asio::any_io_executor executor;
  const config::Config& config;
  Imports& imports;
  store::Readers& readers;
  http::TlsClient client;
  asio::steady_timer pause;
  bool stopped = false;
};

awaitable<http::ClientResult> CaseFeed::Impl::page(const std::string& cursor) {
  http::Request request;
  request.method = "GET";
  request.path = "/v1/sites/" + http::percent_encode(config.site.id) +
                 "/roster?limit=" + std::to_string(records_of_page);
  if (!cursor.empty()) request.path += "&after=" + http::percent_encode(cursor);
  co_return co_await client.send(std::move(request), config.delivery.timeout);
}

awaitable<std::expected<void, std::string>> CaseFeed::Impl::ask() {
  std::function<std::string(store::Database&)> look = [](store::Database& db) {
    return cursor_of(db, source).value_or("");
  };
  std::string cursor = co_await readers.query<std::string>(std::move(look));
  const std::string before = cursor;
  Reading reading{source};
  reading.whole = cursor.empty();
  reading.ordered = true;
  std::size_t passed = 0;
  for (std::size_t pages = 0; pages < most_pages; ++pages) {
    const http::ClientResult answer = co_await page(cursor);
    if (!answer) co_return std::unexpected(answer.error().text);
    if (answer->status == 410 && !cursor.empty()) {
      // The cursor is too old: what it is from the beginning takes the place of what it was.
      logging::warning(
          "the case system's roster is read from the beginning: the cursor is too old");
      cursor.clear();
      reading = Reading{source};
      reading.ordered = true;
      continue;
    }
    if (answer->status != 200)
      co_return std::unexpected("it answered " + std::to_string(answer->status));
    const auto read = read_page(answer->body, reading, passed);
    if (!read) co_return std::unexpected(read.error());
    const bool stuck = read->more && read->cursor == cursor;
    cursor = read->cursor;
    if (stuck) co_return std::unexpected("its cursor does not move on");
    if (!read->more) break;
    // Of what is not whole nothing can be said to be gone; the rest comes with the next question.
    if (pages + 1 == most_pages) reading.whole = false;
  }
  if (passed != 0)
    logging::info("records of the case system's roster are of kinds not taken from it",
                  {{"count", passed}});
  const bool news = cursor != before || !reading.records.empty() || !reading.problems.empty();
  std::optional<std::string> kept = cursor;
  if (news) co_await imports.put(std::move(reading), std::move(kept));
  co_return std::expected<void, std::string>{};
}

awaitable<void> CaseFeed::Impl::run() {
  const auto self = shared_from_this();
  while (!stopped) {
    auto wait = config.roster.interval;
    std::string problem;
    try {
      if (const auto asked = co_await ask(); !asked) problem = asked.error();
    } catch (const std::exception& error) {
      problem = error.what();
    }
    if (stopped) co_return;
    if (!problem.empty()) {
      static logging::Limited limited;
      limited.write(logging::Level::warning,
                    "the case system's roster could not be read; the one here stands",
                    {{"why", problem}});
      wait = std::min(wait, config.delivery.retry_max);
    }
    pause.expires_after(wait);
    co_await pause.async_wait(asio::as_tuple(asio::use_awaitable));
  }
}

CaseFeed::CaseFeed(asio::any_io_executor executor, asio::ssl::context& tls,
                   const config::Config& config, Imports& imports, store::Readers& readers)
    : impl_(std::make_shared<Impl>(std::move(executor), tls, config, imports, readers)) {}
CaseFeed::~CaseFeed() {
  stop();
}

void CaseFeed::start() {
  asio::co_spawn(impl_->executor, impl_->run(), asio::detached);
}

void CaseFeed::stop() {
  impl_->stopped = true;
  impl_->pause.cancel();
  impl_->client.close();
}

awaitable<std::expected<void, std::string>> CaseFeed::ask() {
  return impl_->ask();
}

}  // namespace rollcall::roster
