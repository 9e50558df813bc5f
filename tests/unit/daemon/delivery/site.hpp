// A site's database with its delivery, which can be stopped, copied, put back and started again.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>

#include <boost/asio/ssl/context.hpp>
#include <gtest/gtest.h>

#include "daemon/config/config.hpp"
#include "daemon/delivery/delivery.hpp"
#include "daemon/events/event.hpp"
#include "tests/unit/daemon/delivery/case_system_double.hpp"

namespace rollcall::test {

class Site {
 public:
  Site(Reactor& reactor, const Authority& authority, unsigned short port)
      : reactor_(reactor), tls_(authority.client()) {
    config_.site = {"site-1", "org-1", "Site one", "Europe/Brussels", {"en"}};
    config_.data_dir = folder_.path().string();
    config_.delivery.url = "https://localhost:" + std::to_string(port);
    config_.delivery.batch_events = 10;
    config_.delivery.batch_age = std::chrono::milliseconds{20};
    config_.delivery.retry_first = std::chrono::milliseconds{5};
    config_.delivery.retry_max = std::chrono::milliseconds{20};
    config_.delivery.timeout = std::chrono::seconds{5};
    store::Database database(database_path(), store::Database::Mode::read_write);
    store::migrate(database);
  }
  ~Site() { stop(); }

  config::Config& config() { return config_; }
  store::Writer& writer() { return *writer_; }  // while started
  const std::filesystem::path& folder() const { return folder_.path(); }
  std::string database_path() const { return (folder_.path() / "rollcall.db").string(); }

  void start() {
    writer_ = std::make_unique<store::Writer>(database_path());
    readers_ = std::make_unique<store::Readers>(database_path(), 2);
    delivery_ = std::make_unique<delivery::Delivery>(
        reactor_.io().get_executor(), *writer_, *readers_, config_, &tls_,
        [] { return attendance::HostTime{now_ms(), protocol::ClockTrust::synced, 1, 1}; });
    delivery_->start();
    writer_->on_committed([this] { delivery_->wake(); });
  }
  void stop() {
    if (!delivery_) return;
    reactor_.on_reactor([&] { delivery_->stop(); });
    EXPECT_TRUE(wait_for([&] { return delivery_->finished(); }));
    writer_->on_committed({});
    readers_.reset();
    writer_.reset();
    reactor_.on_reactor([&] { delivery_.reset(); });
  }

  // The whole database as one file, as a backup has it. Stopped sites only.
  void back_up_to(const std::filesystem::path& file) const {
    std::filesystem::copy_file(database_path(), file,
                               std::filesystem::copy_options::overwrite_existing);
  }
  void put_back(const std::filesystem::path& file) const {
    for (const char* ending : {"-wal", "-shm"}) std::filesystem::remove(database_path() + ending);
    std::filesystem::copy_file(file, database_path(),
                               std::filesystem::copy_options::overwrite_existing);
  }

  // Works with and without a running delivery.
  void write(const store::Writer::Job& job) {
    if (writer_) {
      writer_->run_now(job);
    } else {
      store::Writer(database_path()).run_now(job);
    }
  }
  void add_events(int count, const std::string& person = "p-1") {
    write([&](store::Database& db) {
      for (int i = 0; i < count; ++i) events::append(db, event(person), now_ms());
    });
  }
  static events::Event event(const std::string& person) {
    events::Event event;
    event.id = events::random_uuid();
    event.type = "attendance.arrived";
    event.subject = person;
    event.time_ms = now_ms();
    event.purpose = events::Purpose::attendance;
    event.data = R"({"direction":"in","room":"door","session":null,"time":{"wall":")" +
                 events::rfc3339(*event.time_ms) +
                 R"(","trust":"synced","monotonic_ms":5,"boot":1}})";
    return event;
  }

  std::int64_t number(const std::string& sql) {
    store::Database db(database_path(), store::Database::Mode::query_only);
    auto row = db.prepare(sql);
    row.step();
    return row.integer(0);
  }
  std::string text(const std::string& sql) {
    store::Database db(database_path(), store::Database::Mode::query_only);
    auto row = db.prepare(sql);
    return row.step() ? row.text(0) : "";
  }
  bool all_delivered() {
    return number("SELECT count(*) FROM log") > 0 &&
           number(
               "SELECT count(*) FROM log l LEFT JOIN delivery d USING (position)"
               " WHERE d.state IS NULL OR d.state NOT IN ('accepted', 'rejected')") == 0 &&
           number("SELECT count(*) FROM batch WHERE receipt IS NULL") == 0;
  }
  bool wait_until_delivered() {
    return wait_for([&] { return all_delivered(); });
  }
  std::vector<std::string> ids() {
    store::Database db(database_path(), store::Database::Mode::query_only);
    auto rows = db.prepare("SELECT event_id FROM log ORDER BY position");
    std::vector<std::string> result;
    while (rows.step()) result.push_back(rows.text(0));
    return result;
  }

  delivery::Status status() {
    delivery::Status now;
    reactor_.on_reactor([&] { now = delivery_->status(); });
    return now;
  }
  template <class Condition>
  bool wait_for_status(Condition condition) {
    return wait_for([&] { return condition(status()); });
  }
  std::uint64_t retry(std::optional<std::string> reason = {}) {
    return reactor_.await(delivery_->retry_rejected(std::move(reason)));
  }
  void retry_now() {
    reactor_.on_reactor([&] { delivery_->retry_now(); });
  }

  template <class Condition>
  static bool wait_for(Condition condition) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds{20};
    while (!condition()) {
      if (std::chrono::steady_clock::now() > end) return false;
      std::this_thread::sleep_for(std::chrono::milliseconds{5});
    }
    return true;
  }
  static std::int64_t now_ms() {
    return std::chrono::duration_cast<std::chrono::milliseconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
  }

 private:
  Reactor& reactor_;
  boost::asio::ssl::context tls_;
  TemporaryFolder folder_;
  config::Config config_;
  std::unique_ptr<store::Writer> writer_;
  std::unique_ptr<store::Readers> readers_;
  std::unique_ptr<delivery::Delivery> delivery_;
};

}  // namespace rollcall::test
