// A small pool of `query_only` connections for console, delivery and metrics. Queries run on the
// pool's threads, never on the reactor.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "daemon/store/database.hpp"

namespace rollcall::store {

class Readers {
 public:
  Readers(const std::string& path, std::size_t connections);
  ~Readers();

  // Runs `query` on a pool thread with a connection of its own and resumes the caller's executor.
  // An exception in `query` is rethrown to the caller.
  template <class Result>
  boost::asio::awaitable<Result> query(std::function<Result(Database&)> query) {
    std::optional<Result> result;
    co_await run([&](Database& db) { result = query(db); });
    co_return std::move(*result);
  }

 private:
  boost::asio::awaitable<void> run(std::function<void(Database&)> work);
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace rollcall::store
