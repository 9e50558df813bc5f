// How far the log had come when the newest batch left, in a small file outside the database and its
// backups: a database that was put back to an older state is noticed by it, even with no network.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <vector>

namespace rollcall::recovery {

struct Mark {
  std::string epoch;          // log epoch
  std::int64_t sequence = 0;  // 0 = the epoch was opened, nothing left yet
  std::string event_id;       // at that place; empty with sequence 0
  bool operator==(const Mark&) const = default;
};

// One mark per epoch, the newest last; the oldest are dropped above `max_marks`.
class HighWater {
 public:
  static constexpr std::size_t max_marks = 64;

  explicit HighWater(std::string path) : path_(std::move(path)) {}

  // A missing file is empty. A file that cannot be understood is an error: a sentence that names
  // it.
  std::expected<void, std::string> load();
  // Moves the epoch's mark to the end and writes the file (new file, fsync, rename, fsync of the
  // folder). Blocks on the disk. An error is a sentence; the marks in memory stand.
  std::expected<void, std::string> raise(const Mark& mark);

  const std::vector<Mark>& marks() const { return marks_; }
  std::optional<Mark> newest() const;

 private:
  std::expected<void, std::string> write() const;

  std::string path_;
  std::vector<Mark> marks_;
};

}  // namespace rollcall::recovery
