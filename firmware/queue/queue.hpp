// The offline log: every tap of this terminal, sealed, in order, in a ring of erase units. Format
// and reasons: docs/queue-format.md. No heap; about 1 kB of RAM whatever the size of the storage.
//
// A tap has two names. Outside: (epoch, number), number counting from 1 in each epoch. Inside: its
// index, which counts all taps ever written through all epochs; acknowledgements are kept by index.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>

#include "firmware/queue/format.hpp"
#include "firmware/queue/payloads.hpp"
#include "firmware/queue/record_io.hpp"
#include "firmware/queue/unit_keys.hpp"
#include "hal/entropy.hpp"
#include "hal/storage.hpp"
#include "protocol/crypto/crypto.hpp"
#include "protocol/messages.hpp"

namespace rollcall::firmware {

enum class QueueError : std::uint8_t {
  bad_geometry,    // fewer than 3 units, units too small, or program units above 512 bytes
  unknown_format,  // the storage holds a log of a format version that this firmware does not know
  storage,         // the device failed, also on a second try in a fresh unit
  no_site_key,     // nothing can be recorded before enrolment
  other_site_key,  // taps wait that only the site of the present key can read
  full,    // every unit holds taps that no host has acknowledged; the tap is counted as refused
  crypto,  // the backend failed, or the site key is not usable
};

// What is known of a tap before it has a number.
struct TapFacts {
  std::uint64_t monotonic_ms = 0;
  std::int64_t wall_ms = 0;  // 0 = none
  protocol::ClockTrust trust = protocol::ClockTrust::unproven;
  protocol::ReadingKind kind = protocol::ReadingKind::uid;
  Bytes reading;  // at most protocol::max_reading bytes
};

struct QueueCounters {
  std::uint32_t refused = 0;  // appends answered `full` since start
  std::uint32_t damaged = 0;  // committed taps found unreadable since start
  std::uint32_t sealed = 0;   // units closed early, because a record in them was torn or failed
  std::uint32_t epochs = 0;   // epochs opened since start
};

class Queue {
 public:
  // Keeps references; recover() comes first.
  Queue(hal::Storage& storage, hal::Entropy& entropy, UnitKeys& keys)
      : storage_(storage), entropy_(entropy), keys_(keys) {}
  ~Queue() { crypto::wipe(unit_.secret); }
  Queue(const Queue&) = delete;
  Queue& operator=(const Queue&) = delete;

  // Reads the log back after a start. Writes nothing. Errors: bad_geometry, unknown_format,
  // storage.
  std::expected<void, QueueError> recover();

  bool has_site_key() const { return has_site_key_; }
  const crypto::Key& site_key() const { return site_key_; }  // valid with has_site_key()
  // Another key than before is taken when no tap waits, and begins a new epoch; after an error the
  // one before stays. Errors: other_site_key, storage, full, crypto.
  std::expected<void, QueueError> set_site_key(const crypto::Key& key);

  // Makes the next append quick: opens a unit and derives its key when needed, erases the unit
  // after it. For idle time, after a start and every so often; an error here will come again from
  // append().
  void prepare();

  // Gives the tap its number and commits it. On success it survives a power cut.
  // Errors: no_site_key, full, storage, crypto.
  std::expected<protocol::Tap, QueueError> append(const TapFacts& facts);

  // Notes that the host has these taps, in RAM. Unknown epochs and numbers are ignored.
  void acknowledge(const protocol::StorageEpoch& epoch, std::uint64_t first, std::uint64_t last);
  // True while acknowledgements are known that the storage does not hold yet.
  bool acknowledgements_pending() const { return acknowledgements_pending_; }
  // Writes all of them as one record. Errors: full (no room until more is acknowledged), storage.
  std::expected<void, QueueError> record_acknowledgements();

  // Leaves the present epoch: later taps count from 1 in a new one. Earlier taps stay as they are.
  // Errors: storage, full; then the epoch changes with the next unit that can be opened.
  std::expected<void, QueueError> open_epoch();

  // A place in the log. Stays valid for ever; taps that were overwritten are passed over.
  struct Cursor {
    std::uint64_t index = 0;  // the next tap given has this index or a later one

   private:
    friend class Queue;
    bool placed = false;          // the following fields are set
    std::uint32_t unit = 0;       // unit sequence
    std::uint32_t position = 0;   // in the unit
    std::uint64_t unit_end = 0;   // index of the first tap after the unit; 0 while it is the newest
    std::uint64_t unit_base = 0;  // index of a tap minus its number, modulo 2^64
    protocol::StorageEpoch epoch{};
    crypto::Key unit_key{};
  };
  struct Entry {
    std::uint64_t index = 0;
    protocol::QueuedTap tap;
  };
  // The next tap at or after the cursor; the cursor moves behind it. Nothing at the end of the log.
  // Errors: storage.
  std::expected<std::optional<Entry>, QueueError> next(Cursor& cursor);
  // The same, passing over acknowledged taps.
  std::expected<std::optional<Entry>, QueueError> next_waiting(Cursor& cursor);

  bool acknowledged(std::uint64_t index) const { return acknowledged_.contains(index); }
  // Nothing when the ring holds no tap of this epoch. `number` may lie outside of what it holds.
  struct EpochSpan {
    std::uint64_t first_index = 0;   // of the oldest tap held
    std::uint64_t first_number = 1;  // its number
    std::uint64_t end_index = 0;     // one past the newest
  };
  std::optional<EpochSpan> find_epoch(const protocol::StorageEpoch& epoch);

  const protocol::StorageEpoch& epoch() const { return epoch_; }
  std::uint64_t next_number() const { return next_number_; }
  std::uint64_t next_index() const { return next_index_; }
  std::uint32_t boot() const { return boot_; }
  std::uint64_t waiting() const { return acknowledged_.missing_below(next_index_); }
  // Taps of the largest size that are certain to find room when none is waiting.
  std::uint64_t capacity() const;
  bool nearly_full() const { return waiting() * 5 >= capacity() * 4; }
  const QueueCounters& counters() const { return counters_; }

 private:
  using Found = queue::Found;

  // Records in units (queue_records.cpp).
  std::uint64_t unit_offset(std::uint32_t unit) const;
  bool room_for(std::size_t payload) const;
  std::expected<Found, QueueError> read_record(std::uint32_t unit, std::uint32_t position,
                                               queue::Record& out, std::uint32_t& end);
  std::expected<void, QueueError> write_record(std::uint32_t unit, std::uint32_t position,
                                               queue::RecordKind kind, std::uint64_t sequence,
                                               Bytes payload);
  // Where the record that begins at `position`, whole or not, or the one behind it has its first
  // byte that is not erased. Records follow each other without gaps: where there is none, none
  // follows, even if the storage has forgotten a record.
  std::expected<std::optional<std::uint32_t>, QueueError> first_written(std::uint32_t unit,
                                                                        std::uint32_t position);
  std::expected<std::optional<queue::UnitHeader>, QueueError> read_header(std::uint32_t unit);
  std::expected<std::uint64_t, QueueError> first_index_from(std::uint32_t unit);

  // Recovery (queue_recovery.cpp).
  std::expected<bool, QueueError> find_units();
  std::expected<bool, QueueError> scan_newest(const queue::UnitHeader& header);
  std::expected<bool, QueueError> spare_is_suspect();
  void begin_epoch();

  // Writing (queue.cpp).
  std::expected<void, QueueError> change_site(const crypto::Key& key);
  std::expected<void, QueueError> open_unit();
  std::expected<void, QueueError> ready_for_tap(std::size_t payload);
  std::expected<protocol::Tap, QueueError> append_once(const TapFacts& facts);
  bool wants_spare_erased();
  void seal_unit();   // a record in it failed
  void close_unit();  // nothing more is written to it

  // Reading (queue_cursor.cpp).
  std::expected<bool, QueueError> enter_unit_from(Cursor& cursor, std::uint32_t unit);
  std::expected<bool, QueueError> place(Cursor& cursor);
  void give_up(std::uint64_t first, std::uint64_t end);

  hal::Storage& storage_;
  hal::Entropy& entropy_;
  UnitKeys& keys_;
  hal::Geometry geometry_;

  bool has_site_key_ = false;
  crypto::Key site_key_{};
  std::uint32_t boot_ = 1;

  protocol::StorageEpoch epoch_{};
  std::uint64_t next_number_ = 1;
  std::uint64_t next_index_ = 0;

  // The ring: units oldest_ to newest_, both 0 while nothing was ever written. Unit u lies in slot
  // u % units; the slot after the newest is spare and never read.
  std::uint32_t oldest_ = 0;
  std::uint32_t newest_ = 0;
  std::uint32_t spare_erased_ = 0;    // the unit sequence whose slot was erased since start, or 0
  std::uint32_t spare_examined_ = 0;  // the same of a slot whose content was looked at
  std::uint32_t position_ = 0;        // end of the last record of the newest unit
  bool writable_ = false;             // more records may follow in the newest unit
  bool key_ready_ = false;            // unit_ belongs to the newest unit and to this start
  UnitKeyPair unit_;

  queue::Acknowledged acknowledged_;
  bool acknowledgements_pending_ = false;
  QueueCounters counters_;
  std::uint8_t buffer_[queue::max_body];
};

}  // namespace rollcall::firmware
