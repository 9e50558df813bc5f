// Faults on demand, drawn from a seeded generator so that a run can be played again.
#pragma once

#include <chrono>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>

namespace rollcall::casesim {

struct FaultRates {
  double fail = 0;               // 500 before anything is done
  double busy = 0;               // 503 with Retry-After: 1 before anything is done
  double drop_after_commit = 0;  // the batch is committed, the connection closes without an answer
  double wrong_receipt = 0;      // the batch is committed, the receipt does not match it
  std::chrono::milliseconds latency{0};  // before each answer
};

enum class Fault { none, fail, busy, drop_after_commit, wrong_receipt };

struct FaultCounts {
  std::uint64_t failed = 0, busy = 0, dropped = 0, wrong_receipts = 0;
};

class Faults {
 public:
  Faults(FaultRates rates, std::uint64_t seed) : rates_(rates), random_(seed) {}

  // The fate of the next request. `delivers`: it is a batch, so that all faults are possible.
  Fault draw(bool delivers);
  // A body that a careful sender must not take for `receipt`: an id missing, an id too many, the
  // ids of another batch, cut short, or of another shape.
  std::string spoil(std::string_view receipt);

  const FaultCounts& counts() const { return counts_; }
  std::chrono::milliseconds latency() const { return rates_.latency; }

 private:
  double uniform() { return std::uniform_real_distribution<double>(0, 1)(random_); }

  FaultRates rates_;
  std::mt19937_64 random_;
  FaultCounts counts_;
};

}  // namespace rollcall::casesim
