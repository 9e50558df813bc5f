#include "daemon/store/writer.hpp"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "daemon/fail_point.hpp"

namespace rollcall::store {
namespace {

using Clock = std::chrono::steady_clock;

struct Work {
  Writer::Job job;
  Writer::Done done;
};

struct Finished {
  Writer::Done done;
  Committed result;
  std::string error;
};

}  // namespace

struct Writer::Impl {
  explicit Impl(const std::string& path)
      : database(path, Database::Mode::read_write), thread([this] { loop(); }) {}

  ~Impl() {
    {
      std::lock_guard lock(mutex);
      stopping = true;
    }
    ready.notify_one();
    thread.join();
  }

  void loop();
  std::vector<Finished> run_group(Work first);
  std::optional<Work> next_before(Clock::time_point deadline);
  Finished run_job(Work work);

  std::mutex mutex;
  std::condition_variable ready;
  std::deque<Work> queue;
  bool stopping = false;
  Stats counts{};
  std::function<void()> drop_caches;
  std::function<void()> wake;

  Database database;
  std::thread thread;  // last: it uses all of the above
};

// The next job of a group, while there is one and the group is young.
std::optional<Work> Writer::Impl::next_before(Clock::time_point deadline) {
  std::lock_guard lock(mutex);
  if (queue.empty() || Clock::now() >= deadline) return std::nullopt;
  Work work = std::move(queue.front());
  queue.pop_front();
  return work;
}

Finished Writer::Impl::run_job(Work work) {
  Finished finished{std::move(work.done), Committed::yes, {}};
  database.exec("SAVEPOINT job");
  try {
    work.job(database);
    database.exec("RELEASE job");
  } catch (const StoreError& error) {
    // A full disk or an I/O error may already have rolled the whole transaction back: then the
    // statements below fail too and the group ends as failed.
    finished.result = Committed::refused;
    finished.error = error.what();
    database.exec("ROLLBACK TO job");
    database.exec("RELEASE job");
    if (error.disk_full()) throw;
  } catch (const std::exception& error) {
    finished.result = Committed::refused;
    finished.error = error.what();
    database.exec("ROLLBACK TO job");
    database.exec("RELEASE job");
  }
  return finished;
}

std::vector<Finished> Writer::Impl::run_group(Work first) {
  const auto deadline = Clock::now() + max_group_age;
  std::vector<Finished> group;
  std::vector<Done> unfinished;
  try {
    database.exec("BEGIN IMMEDIATE");
    std::optional<Work> work = std::move(first);
    while (work) {
      unfinished.push_back(work->done);
      group.push_back(run_job(std::move(*work)));
      unfinished.pop_back();
      if (group.size() >= max_group) break;
      work = next_before(deadline);
    }
    fail_point("before-commit");
    if (fail_requested("skip-commit")) {
      database.exec("ROLLBACK");
    } else {
      database.exec("COMMIT");
    }
    fail_point("commit-to-answer");
  } catch (const std::exception& error) {
    try {
      database.exec("ROLLBACK");
    } catch (const StoreError&) {
      // SQLite had already rolled back.
    }
    for (auto& done : unfinished) group.push_back({std::move(done), Committed::failed, {}});
    for (Finished& finished : group) {
      finished.result = Committed::failed;
      finished.error = error.what();
    }
  }
  return group;
}

void Writer::Impl::loop() {
  for (;;) {
    Work first;
    {
      std::unique_lock lock(mutex);
      ready.wait(lock, [this] { return stopping || !queue.empty(); });
      if (queue.empty()) return;
      first = std::move(queue.front());
      queue.pop_front();
    }
    std::vector<Finished> group = run_group(std::move(first));
    bool failed = false;
    std::function<void()> after;
    {
      std::lock_guard lock(mutex);
      ++counts.groups;
      for (const Finished& finished : group) {
        ++counts.jobs;
        if (finished.result == Committed::refused) ++counts.refused;
        if (finished.result == Committed::failed) failed = true;
      }
      if (failed) ++counts.failed_groups;
      after = failed ? drop_caches : wake;
    }
    if (failed && after) after();
    for (Finished& finished : group) {
      if (finished.done) finished.done(finished.result, finished.error);
    }
    if (!failed && after) after();
  }
}

Writer::Writer(const std::string& path) : impl_(std::make_unique<Impl>(path)) {}
Writer::~Writer() = default;

bool Writer::submit(Job job, Done done) {
  {
    std::lock_guard lock(impl_->mutex);
    if (impl_->stopping || impl_->queue.size() >= max_queue) return false;
    impl_->queue.push_back({std::move(job), std::move(done)});
  }
  impl_->ready.notify_one();
  return true;
}

void Writer::run_now(Job job) {
  std::promise<void> promise;
  std::exception_ptr thrown;
  const bool taken = submit(
      [&](Database& db) {
        try {
          job(db);
        } catch (...) {
          thrown = std::current_exception();
          throw;
        }
      },
      [&](Committed result, const std::string& error) {
        if (result != Committed::yes && !thrown)
          thrown = std::make_exception_ptr(StoreError(0, error));
        promise.set_value();
      });
  if (!taken)
    throw StoreError(0, "the writer's queue is full; nothing was done; try again in a moment");
  promise.get_future().wait();
  if (thrown) std::rethrow_exception(thrown);
}

void Writer::on_failed_commit(std::function<void()> drop_caches) {
  std::lock_guard lock(impl_->mutex);
  impl_->drop_caches = std::move(drop_caches);
}

void Writer::on_committed(std::function<void()> wake) {
  std::lock_guard lock(impl_->mutex);
  impl_->wake = std::move(wake);
}

Writer::Stats Writer::stats() const {
  std::lock_guard lock(impl_->mutex);
  Stats stats = impl_->counts;
  stats.queued = impl_->queue.size();
  return stats;
}

}  // namespace rollcall::store
