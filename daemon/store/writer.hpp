// The one thread that writes. Jobs are run in order inside shared transactions (group commit): a
// group closes when the queue is empty, at max_group jobs or after max_group_age. Each job runs in
// a SAVEPOINT of its own, so that a bad one fails alone; completions are told only after COMMIT.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <future>
#include <memory>
#include <string>

#include "daemon/store/database.hpp"

namespace rollcall::store {

enum class Committed {
  yes,
  refused,  // the job threw; its SAVEPOINT was rolled back, the others of its group stand
  failed,   // COMMIT failed or the disk is full: nothing of the group is durable
};

class Writer {
 public:
  static constexpr std::size_t max_group = 256;
  static constexpr std::chrono::milliseconds max_group_age{5};
  static constexpr std::size_t max_queue = 65536;

  // Takes over `path`; migrations must have run. The thread starts at once.
  explicit Writer(const std::string& path);
  // Runs what is queued, commits, joins.
  ~Writer();

  // Called on the writer thread, inside the transaction.
  using Job = std::function<void(Database&)>;
  // Called on the writer thread after the group's end, and destroyed there; post to your own
  // executor from there, and move into what you post whatever must not end on another thread:
  // timers, sessions.
  using Done = std::function<void(Committed, const std::string& error)>;

  // Thread-safe. False when the queue is full: nothing was taken, `done` is not called.
  bool submit(Job job, Done done);

  // Submits and waits: for start-up and command handlers outside the reactor thread only.
  void run_now(Job job);

  // Called on the writer thread whenever a group did not commit, so that caches of decided state
  // can be dropped.
  void on_failed_commit(std::function<void()> drop_caches);
  // Called on the writer thread after each successful COMMIT (delivery and console wake up).
  void on_committed(std::function<void()> wake);

  struct Stats {
    std::uint64_t jobs, groups, refused, failed_groups;
    std::size_t queued;
  };
  Stats stats() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace rollcall::store
