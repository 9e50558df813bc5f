// A writer job that a coroutine waits for.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "daemon/store/writer.hpp"

namespace rollcall::store {

// Runs `job` on the writer thread and resumes the caller's executor after the COMMIT. Throws
// StoreError when the job was refused, the COMMIT failed, or the writer's queue is full: then
// nothing was written.
boost::asio::awaitable<void> on_writer(Writer& writer, Writer::Job job);

}  // namespace rollcall::store
