#include "daemon/store/readers.hpp"

#include <mutex>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace rollcall::store {

namespace asio = boost::asio;

struct Readers::Impl {
  Impl(const std::string& path, std::size_t count) : pool(count) {
    for (std::size_t i = 0; i < count; ++i) {
      idle.push_back(std::make_unique<Database>(path, Database::Mode::query_only));
    }
  }
  ~Impl() { pool.join(); }

  // A connection for the time of one query. There are as many as threads, so one is always idle.
  class Lease {
   public:
    explicit Lease(Impl& owner) : owner_(owner) {
      std::lock_guard lock(owner_.mutex);
      connection_ = std::move(owner_.idle.back());
      owner_.idle.pop_back();
    }
    ~Lease() {
      std::lock_guard lock(owner_.mutex);
      owner_.idle.push_back(std::move(connection_));
    }
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    Database& connection() const { return *connection_; }

   private:
    Impl& owner_;
    std::unique_ptr<Database> connection_;
  };

  std::mutex mutex;
  std::vector<std::unique_ptr<Database>> idle;
  asio::thread_pool pool;
};

Readers::Readers(const std::string& path, std::size_t connections)
    : impl_(std::make_unique<Impl>(path, connections)) {}
Readers::~Readers() = default;

asio::awaitable<void> Readers::run(std::function<void(Database&)> work) {
  // The inner coroutine lives on the pool; its end, or its exception, comes back to the caller's
  // executor.
  co_await asio::co_spawn(
      impl_->pool,
      [this, &work]() -> asio::awaitable<void> {
        const Impl::Lease lease(*impl_);
        work(lease.connection());
        co_return;
      },
      asio::use_awaitable);
}

}  // namespace rollcall::store
