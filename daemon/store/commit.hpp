// A writer job as something a coroutine can wait for.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "daemon/store/writer.hpp"

namespace rollcall::store {

struct CommitResult {
  Committed committed = Committed::failed;
  std::string error;  // for the log
  bool durable() const { return committed == Committed::yes; }
};

// Submits `job` and resumes on the caller's executor after its group's end. A full queue is
// `failed`. Not cancellable: what was submitted is always waited for, so `job` may refer to the
// caller's frame.
inline boost::asio::awaitable<CommitResult> commit(Writer& writer, Writer::Job job) {
  namespace asio = boost::asio;
  co_return co_await asio::async_initiate<const asio::use_awaitable_t<>, void(CommitResult)>(
      [&writer](auto handler, Writer::Job work) {
        auto executor = asio::get_associated_executor(handler);
        // The handler is shared only because std::function copies; it is moved out and run once.
        auto waiting = std::make_shared<decltype(handler)>(std::move(handler));
        auto resume = [executor, waiting,
                       guard = asio::make_work_guard(executor)](CommitResult result) {
          asio::post(executor,
                     [handler = std::move(*waiting), result = std::move(result)]() mutable {
                       std::move(handler)(std::move(result));
                     });
        };
        const bool taken =
            writer.submit(std::move(work), [resume](Committed committed, const std::string& error) {
              resume({committed, error});
            });
        if (!taken) resume({Committed::failed, "the writer's queue is full"});
      },
      asio::use_awaitable, std::move(job));
}

}  // namespace rollcall::store
