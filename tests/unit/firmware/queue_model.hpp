// A model of the offline log in plain containers, run beside the real one on flash that loses
// power.
#pragma once

#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "firmware/queue/queue.hpp"
#include "hal/sim/entropy.hpp"
#include "hal/sim/fake_flash.hpp"

namespace rollcall::firmware {

// Keys without X25519, which would take most of the time of thousands of runs. Every pair is new.
class QuickUnitKeys final : public UnitKeys {
 public:
  explicit QuickUnitKeys(std::uint64_t seed) : random_(seed) {}
  std::expected<UnitKeyPair, crypto::CryptoError> make(const crypto::Key&,
                                                       const protocol::StorageEpoch&,
                                                       std::uint32_t) override {
    UnitKeyPair pair;
    for (std::uint8_t& b : pair.public_key) b = static_cast<std::uint8_t>(random_());
    pair.secret = crypto::sha256(pair.public_key);
    return pair;
  }

 private:
  std::mt19937_64 random_;
};

// Looks over the log's shoulder: what is programmed, torn or not, is noted before it reaches the
// flash.
class WatchedStorage final : public hal::Storage {
 public:
  explicit WatchedStorage(hal::sim::FakeFlash& flash) : flash_(flash) {}
  hal::Geometry geometry() const override { return flash_.geometry(); }
  std::expected<void, hal::StorageError> read(std::uint64_t offset,
                                              hal::MutableBytes out) override {
    return flash_.read(offset, out);
  }
  std::expected<void, hal::StorageError> program(std::uint64_t offset, hal::Bytes data) override;
  std::expected<void, hal::StorageError> erase(std::uint32_t unit) override {
    return flash_.erase(unit);
  }
  std::expected<void, hal::StorageError> sync() override { return flash_.sync(); }

  // Two different taps were sealed under one key and number.
  bool nonce_reused() const { return nonce_reused_; }
  // The last record written was, or began to be, that of a tap with this number, and something of
  // it can be seen on the storage.
  bool last_record_is_a_trace_of(std::uint64_t number) const;

 private:
  hal::sim::FakeFlash& flash_;
  std::map<std::uint32_t, crypto::Key> key_of_slot_;
  std::map<std::pair<crypto::Key, std::uint64_t>, std::vector<std::uint8_t>> sealed_;
  bool nonce_reused_ = false;
  std::uint64_t last_tap_ = 0;
  std::uint64_t last_tap_offset_ = 0;
  std::size_t last_tap_size_ = 0;  // 0: something else was written or erased since
};

struct Scenario {
  hal::Geometry geometry;
  std::uint64_t seed = 1;
  unsigned steps = 60;
  bool write_cache = false;
  bool every_cut = true;      // false: as many as the time allows
  std::uint32_t age = 0;      // begin just before the end of the unit with this sequence
  bool never_erased = false;  // the storage is full of zeros, as a new SD card
};
struct CutPoint {
  std::uint64_t operation = 0;  // of the storage, from the start of the scenario
  hal::sim::Cut how = hal::sim::Cut::before;
};

// A log that has been in use, all its taps acknowledged: where a scenario begins.
struct AgedLog {
  hal::sim::FakeFlash flash;
  std::vector<std::pair<protocol::StorageEpoch, std::uint64_t>> taps;
  bool ready = false;  // it could be made
};
// What a new SD card reads.
std::vector<std::uint8_t> all_zeros(const hal::Geometry& geometry);
AgedLog age_log(const Scenario& scenario);

// Plays a scenario, with one power cut if wanted. Returns what went wrong, empty when nothing did.
class QueueModel {
 public:
  QueueModel(const Scenario& scenario, const AgedLog& aged, std::optional<CutPoint> cut);
  std::string play();
  std::uint64_t operations() const { return flash_.operations() - operations_before_; }
  // The cut came; without one, always true.
  bool cut_happened() const { return !with_cut_ || was_cut_; }
  // How often the interesting things happened, so that a test can tell that they did.
  struct Seen {
    unsigned appends = 0, full = 0, reboots = 0, epochs = 0, sites = 0;
    std::size_t overwritten = 0;
  };
  const Seen& seen() const { return seen_; }

 private:
  using Identity = std::pair<protocol::StorageEpoch, std::uint64_t>;
  struct Entry {
    Identity identity;
    TapFacts facts;
    std::vector<std::uint8_t> reading;
    bool acknowledged = false;  // the host has it, as the log was told
    bool recorded = false;      // ... and a record of that was written
    bool optional = false;      // the power went while it was written: it may be there or not
  };

  void step();
  void append();
  void acknowledge();
  void record();
  void change_site();
  void reboot();
  void check();
  void check_waiting();
  void check_everything_held();
  void fail(const std::string& what);
  bool power_gone() const { return !flash_.has_power(); }
  unsigned pick(unsigned below) { return static_cast<unsigned>(random_() % below); }

  Scenario scenario_;
  std::mt19937_64 random_;
  hal::sim::FakeFlash flash_;
  std::uint64_t operations_before_;
  WatchedStorage storage_;
  hal::sim::RepeatableEntropy entropy_;
  QuickUnitKeys keys_;
  std::optional<Queue> queue_;
  crypto::Key site_key_{};
  std::optional<crypto::Key> next_site_key_;  // while it is not known whether it is in force

  std::vector<Entry> entries_;  // in the order they were taken
  std::set<Identity> used_;
  std::optional<Identity> burnt_;
  bool with_cut_ = false;
  bool was_cut_ = false;
  Seen seen_;
  std::string problem_;
};

}  // namespace rollcall::firmware
