// A writer job that a coroutine waits for.
#pragma once

#include <string>

#include <boost/asio/awaitable.hpp>

#include "daemon/store/writer.hpp"

namespace rollcall::store {

// What became of a job; unless it is Committed::yes nothing was written.
struct Written {
  Committed committed = Committed::failed;
  std::string error;
  bool queue_full = false;  // it was not taken at all
};

// Runs `job` on the writer thread and resumes the caller's executor when its group has ended.
boost::asio::awaitable<Written> written(Writer& writer, Writer::Job job);

// The same. Throws StoreError when the job was refused, the COMMIT failed, or the writer's queue is
// full: then nothing was written.
boost::asio::awaitable<void> on_writer(Writer& writer, Writer::Job job);

}  // namespace rollcall::store
