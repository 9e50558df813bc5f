// What delivery does next, one step at a time: compare both ends, fetch missing events back, freeze
// a batch, post it, keep its receipt. It knows no time: when to take the next step, and how long to
// wait after a failed one, is decided in delivery.cpp.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "daemon/attendance/local_time.hpp"
#include "daemon/attendance/recorder.hpp"
#include "daemon/config/config.hpp"
#include "daemon/delivery/case_system.hpp"
#include "daemon/recovery/divergence.hpp"
#include "daemon/recovery/high_water.hpp"
#include "daemon/recovery/import.hpp"
#include "daemon/store/readers.hpp"
#include "daemon/store/writer.hpp"

namespace rollcall::delivery {

struct Step {
  enum class Kind {
    progress,  // something was done; there may be more
    receipt,   // the same, and the case system took a batch
    idle,      // nothing to do, or too little yet for a batch
    failed,    // wait and try again
    halted,    // waiting cannot help: staff must look
  } kind = Kind::progress;
  std::string why;  // a sentence, with failed and halted
  std::optional<std::chrono::milliseconds> retry_after;
  bool bad_receipt = false;  // the answer was not to be believed: staff are told
};

class Courier {
 public:
  Courier(asio::any_io_executor executor, store::Writer& writer, store::Readers& readers,
          const config::Config& config, asio::ssl::context& tls,
          std::function<attendance::HostTime()> now);

  // Reads the high-water file and compares it with the database. Blocks on the writer.
  void check_at_start();

  // Throws StoreError when the database fails. `partial_too`: a batch may be made of fewer events
  // than delivery.batch_events.
  asio::awaitable<Step> step(bool partial_too);

  bool recovering() const { return recovering_; }
  // Told on the executor when everything missing was fetched back.
  void on_recovered(std::function<void()> told) { recovered_ = std::move(told); }
  // Ends a request under way.
  void close() { case_system_.close(); }

 private:
  asio::awaitable<Step> reconcile();
  asio::awaitable<Step> fetch_missing();
  asio::awaitable<Step> freeze_next(bool partial_too);
  asio::awaitable<Step> post();
  asio::awaitable<Step> after_answer(Answer answer);
  asio::awaitable<Step> keep(Receipt receipt);
  asio::awaitable<Step> split();
  asio::awaitable<Step> new_key();
  asio::awaitable<Step> leave_fork(Fork fork);
  asio::awaitable<Step> fill_gap(Gap gap);
  asio::awaitable<Step> diverge(recovery::Cause cause, Place from);
  asio::awaitable<void> mark_epoch();
  asio::awaitable<void> raise_high_water(recovery::Mark mark);
  Step failed(const http::ClientError& error);
  Step failed(TryAgain answer);

  store::Writer& writer_;
  store::Readers& readers_;
  const config::Config& config_;
  std::function<attendance::HostTime()> now_;
  attendance::TimeZone zone_;
  CaseSystem case_system_;
  recovery::HighWater high_water_;
  std::function<void()> recovered_;

  std::optional<Batch> batch_;     // frozen, without a receipt
  bool looked_for_open_ = false;   // batches that an earlier run left open
  bool compare_due_ = true;        // both ends are to be compared before the next batch
  std::uint64_t compared_on_ = 0;  // the connection on which they were
  bool recovering_ = false;
  std::optional<recovery::Mark> remote_;  // the case system's newest place, while recovering
  bool key_was_reused_ = false;           // the open batch needs another key
  std::optional<Place> last_gap_;         // to notice a gap that does not close
};

}  // namespace rollcall::delivery
