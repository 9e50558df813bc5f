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

asio::awaitable<Written> written(Writer& writer, Writer::Job job) {
  const asio::any_io_executor executor = co_await asio::this_coro::executor;
  auto initiate = [&writer, &job, executor](auto handler) {
    // The writer wants something that can be copied; the guard keeps the reactor there until then.
    // What waits is resumed and ends on the reactor: nothing of it stays with the writer's thread.
    auto resume = [waiting = std::make_shared<decltype(handler)>(std::move(handler)), executor,
                   work = asio::make_work_guard(executor)](Written result) mutable {
      asio::post(executor, [waiting = std::move(waiting), work = std::move(work),
                            result = std::move(result)]() mutable {
        std::move (*waiting)(std::move(result));
      });
    };
    auto done = [resume](Committed committed, const std::string& error) mutable {
      resume({committed, error, false});
    };
    if (!writer.submit(std::move(job), std::move(done)))
      resume({Committed::failed, "the writer's queue is full; nothing was done", true});
  };
  co_return co_await asio::async_initiate<const asio::use_awaitable_t<>&, void(Written)>(
      initiate, asio::use_awaitable);
}

asio::awaitable<void> on_writer(Writer& writer, Writer::Job job) {
  const Written result = co_await written(writer, std::move(job));
  if (result.committed != Committed::yes) throw StoreError(0, result.error);
}

}  // namespace rollcall::store
