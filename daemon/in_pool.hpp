// Work for a thread of the pool that a coroutine waits for.
#pragma once

#include <type_traits>
#include <utility>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace rollcall {

// Runs `work` on a thread of `pool` and resumes on the caller's executor with what it returned or
// threw. What `work` refers to stays alive in the caller, who waits.
template <class Work>
boost::asio::awaitable<std::invoke_result_t<Work&>> in_pool(boost::asio::thread_pool& pool,
                                                            Work work) {
  auto job = [&work]() -> boost::asio::awaitable<std::invoke_result_t<Work&>> { co_return work(); };
  co_return co_await boost::asio::co_spawn(pool, std::move(job), boost::asio::use_awaitable);
}

}  // namespace rollcall
