// Reads requests, one after the other, from a stream (RFC 9112). Private to this folder.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "hal/host/http/stream.hpp"

namespace rollcall::http {

class RequestReader {
 public:
  RequestReader(Stream& stream, const Limits& limits) : stream_(stream), limits_(limits) {}

  struct Result {
    bool end = false;  // the client left, or was idle too long
    bool too_slow =
        false;  // with `end`: it had begun a request; a timed-out socket is closed, no 408
    std::optional<Response> refusal;  // malformed or too large: answer this and close
    Request request;
    std::string raw_path;  // still percent-encoded, without query
    bool keep_alive = true;
  };
  // `begun` is called at the first byte of the request.
  asio::awaitable<Result> next(std::function<void()> begun);

 private:
  Stream& stream_;
  Limits limits_;
  std::string pending_;  // received, not yet parsed (the next request of a pipeline)
};

}  // namespace rollcall::http
