// Brings every event of the log to the case system, exactly once and in order, and knows how that
// is going. One coroutine on the reactor: one batch in flight; SQL runs on the writer and the
// readers, never here. Before the first batch, and after each lost connection, it compares both
// ends (daemon/recovery).
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "daemon/attendance/recorder.hpp"
#include "daemon/config/config.hpp"
#include "daemon/store/readers.hpp"
#include "daemon/store/writer.hpp"

namespace boost::asio::ssl {
class context;
}

namespace rollcall::delivery {

namespace asio = boost::asio;

enum class State {
  off,         // no delivery.url is configured: everything waits
  delivering,  // the newest attempt went well, or none was needed yet
  waiting,     // the newest attempt failed, or the case system asked to wait
  down,        // several attempts in a row failed
  stopped,     // the case system refused in a way that waiting cannot help: staff must look
};
std::string_view name(State state);

struct Status {
  State state = State::off;
  std::uint64_t waiting = 0;       // events without a receipt, those under way included
  std::uint64_t open_batches = 0;  // frozen, without a receipt
  std::map<std::string, std::uint64_t> rejected;  // by reason of the contract; only reasons in use
  std::optional<std::int64_t> last_receipt_ms;    // Unix ms
  std::string last_error;   // a sentence; empty when the newest attempt went well
  bool recovering = false;  // missing events are being fetched back
};

// The only roots are those of `ca_file`. An error is a sentence that names the file.
std::expected<std::unique_ptr<asio::ssl::context>, std::string> tls_context(
    const std::string& ca_file);

class Delivery {
 public:
  // `executor` runs on one thread. Writer and readers outlive its work: after stop(), run it until
  // it has no more. `tls` is unused without a delivery.url. `now` is called on any thread.
  Delivery(asio::any_io_executor executor, store::Writer& writer, store::Readers& readers,
           const config::Config& config, asio::ssl::context* tls,
           std::function<attendance::HostTime()> now);
  ~Delivery();

  // Blocks on the writer for a moment: call it before the executor runs and before terminals are
  // let in, so that a restored database is noticed before it takes taps.
  void start();
  // Ends the request under way; its batch stays open and is sent again, byte for byte, next time.
  void stop();
  // After stop(): the request and the database work under way have ended. Thread-safe.
  bool finished() const;

  // Thread-safe: call it from Writer::on_committed.
  void wake();

  // The rest on the executor's thread only.

  const Status& status() const;
  // Puts rejected events (of one reason, or all) into new batches, in order, with the next attempt
  // number. Returns how many. Durable when it returns.
  asio::awaitable<std::uint64_t> retry_rejected(std::optional<std::string> reason);
  // Ends a pause or a stop: tries at once. For staff who have repaired something.
  void retry_now();
  // Told when missing events have been fetched back and the terminals are to be asked for their
  // taps again (terminal_epoch.resend_pending is set).
  void on_recovered(std::function<void()> told);

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace rollcall::delivery
