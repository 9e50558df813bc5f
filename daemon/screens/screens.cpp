#include "daemon/screens/screens.hpp"

#include <optional>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "daemon/in_pool.hpp"
#include "daemon/screens/texts.hpp"

namespace rollcall::screens {

namespace asio = boost::asio;

Screens::Screens(asio::thread_pool& pool, const std::vector<std::string>& languages) : pool_(pool) {
  for (const std::string& language : languages) {
    if (has_language(language)) languages_.push_back(language);
  }
  if (languages_.empty()) languages_.push_back("en");
}

// Many terminals greet at once when the daemon starts: the first draws, the others wait for it.
struct Screens::Drawing {
  // Never expires; it is gone, which wakes all who wait, once `screens` is there or drawing failed.
  std::optional<asio::steady_timer> under_way;
  std::shared_ptr<const KeptScreens> screens;
};

asio::awaitable<std::shared_ptr<const KeptScreens>> Screens::kept(Size size) {
  if (const auto found = kept_.find(size); found != kept_.end()) {
    const std::shared_ptr<Drawing> drawing = found->second;
    if (drawing->under_way) {
      co_await drawing->under_way->async_wait(asio::as_tuple(asio::use_awaitable));
    }
    co_return drawing->screens;
  }
  const auto drawing = std::make_shared<Drawing>();
  drawing->under_way.emplace(co_await asio::this_coro::executor,
                             asio::steady_timer::time_point::max());
  const bool remembered = kept_.size() < cached_sizes;
  if (remembered) kept_.emplace(size, drawing);
  auto work = [this, size] {
    auto all = std::make_shared<KeptScreens>();
    for (std::size_t slot = 1; slot < all->size(); ++slot) {
      (*all)[slot] = std::make_shared<const Screen>(
          draw_kept(static_cast<protocol::ScreenSlot>(slot), size, languages_));
    }
    return std::shared_ptr<const KeptScreens>(std::move(all));
  };
  try {
    drawing->screens = co_await in_pool(pool_, work);
  } catch (...) {
    kept_.erase(size);
    drawing->under_way.reset();
    throw;
  }
  drawing->under_way.reset();
  co_return drawing->screens;
}

asio::awaitable<std::shared_ptr<const Screen>> Screens::live(Size size, Live screen) {
  auto work = [size, &screen] { return std::make_shared<const Screen>(draw_live(screen, size)); };
  co_return co_await in_pool(pool_, work);
}

std::string Screens::language_for(const std::string& person_language) const {
  return has_language(person_language) ? person_language : languages_.front();
}

}  // namespace rollcall::screens
