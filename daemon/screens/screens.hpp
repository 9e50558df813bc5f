// Draws the screens of the terminals. Drawing runs on a pool; coroutines wait for it.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/thread_pool.hpp>

#include "daemon/screens/screen.hpp"

namespace rollcall::screens {

// The screens a terminal keeps, by slot; index 0 (`live`) is empty.
using KeptScreens = std::array<std::shared_ptr<const Screen>, protocol::screen_slot_count>;

class Screens {
 public:
  // `languages`: the site's, its own first; those that the catalogue lacks are left out, and
  // English takes the place of an empty list. `pool` outlives this and every coroutine that waits.
  Screens(boost::asio::thread_pool& pool, const std::vector<std::string>& languages);

  // Drawn once per size and then kept; at most `cached_sizes` sizes are remembered. `size` must be
  // drawable(). Null when drawing failed for another caller. Thread: one executor for all callers.
  boost::asio::awaitable<std::shared_ptr<const KeptScreens>> kept(Size size);

  boost::asio::awaitable<std::shared_ptr<const Screen>> live(Size size, Live screen);

  // The language to speak to a person: theirs if the catalogue has it, else the site's own.
  std::string language_for(const std::string& person_language) const;

  static constexpr std::size_t cached_sizes = 8;

 private:
  struct Drawing;  // of one size, under way or done

  boost::asio::thread_pool& pool_;
  std::vector<std::string> languages_;
  std::map<Size, std::shared_ptr<Drawing>> kept_;
};

// Drawing itself, on the calling thread.
Screen draw_kept(protocol::ScreenSlot slot, Size size, const std::vector<std::string>& languages);
Screen draw_live(const Live& live, Size size);

}  // namespace rollcall::screens
