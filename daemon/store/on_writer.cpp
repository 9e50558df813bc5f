#include "daemon/store/on_writer.hpp"

#include <memory>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace rollcall::store {

namespace asio = boost::asio;

asio::awaitable<void> on_writer(Writer& writer, Writer::Job job) {
  const asio::any_io_executor executor = co_await asio::this_coro::executor;
  auto initiate = [&writer, &job, executor](auto handler) {
    // The writer wants something that can be copied; the guard keeps the reactor there until then.
    // What waits is resumed and ends on the reactor: nothing of it stays with the writer's thread.
    auto resume = [waiting = std::make_shared<decltype(handler)>(std::move(handler)), executor,
                   work = asio::make_work_guard(executor)](Committed committed,
                                                           const std::string& error) mutable {
      asio::post(executor, [waiting = std::move(waiting), work = std::move(work), committed,
                            error] { std::move (*waiting)(committed, error); });
    };
    if (!writer.submit(std::move(job), resume)) {
      resume(Committed::failed, "the writer's queue is full; nothing was done");
    }
  };
  const auto [committed, error] =
      co_await asio::async_initiate<const asio::use_awaitable_t<>&, void(Committed, std::string)>(
          initiate, asio::use_awaitable);
  if (committed != Committed::yes) throw StoreError(0, error);
}

}  // namespace rollcall::store
