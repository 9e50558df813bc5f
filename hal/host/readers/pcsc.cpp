#include "hal/host/readers/pcsc.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "hal/host/readers/pcsc_talk.hpp"
#include "hal/host/readers/pcsc_watch.hpp"

namespace rollcall::readers {
namespace {

namespace asio = boost::asio;
using hal::Exchange;
using hal::Sight;

// An exchange, until the reader has answered or the card has gone.
struct Asked {
  asio::steady_timer timer;
  std::optional<Answer> answer;
};

// One Reader of ours: the slots that it was given, and what it has told.
struct Place {
  std::string name;
  Events events;
  bool working = false;
  std::string told;
  Sight sight;
  std::string card_in;  // the slot of the card in sight
  std::shared_ptr<Asked> asked;
};

// The reactor's half: it takes what the threads tell and knows whose it is.
class Bus final : public std::enable_shared_from_this<Bus> {
 public:
  explicit Bus(asio::any_io_executor reactor) : reactor_(std::move(reactor)) {}

  void add(const std::shared_ptr<Place>& place) {
    places_.push_back(place);
    if (watch_ == nullptr) start();
    for (auto& [name, slot] : slots_) slot.place = owner(name);
  }
  void remove(const std::shared_ptr<Place>& place) {
    std::erase(places_, place);
    settle(*place, Exchange::failed);
    for (auto& [name, slot] : slots_)
      if (slot.place.lock() == place) slot.place.reset();
  }

  void end() {
    ended_ = true;
    if (watch_ != nullptr) watch_->end();
    for (auto& [name, slot] : slots_) slot.talk->end();
    for (auto& [name, slot] : slots_) slot.talk->wait_ended();
    for (const auto& talk : leaving_) talk->wait_ended();
    slots_.clear();
    leaving_.clear();
  }

  asio::awaitable<Answer> exchange(std::shared_ptr<Place> place, std::vector<std::uint8_t> command,
                                   std::chrono::milliseconds limit) {
    if (place->asked || ended_) co_return std::unexpected(Exchange::failed);
    const auto slot = slots_.find(place->card_in);
    if (!place->sight.is_card() || slot == slots_.end())
      co_return std::unexpected(Exchange::card_gone);
    auto asked = std::make_shared<Asked>(asio::steady_timer(reactor_), std::nullopt);
    asked->timer.expires_after(limit);
    place->asked = asked;
    auto done = [place, asked](Answer answer) {
      if (place->asked == asked) place->asked.reset();
      if (!asked->answer) asked->answer = std::move(answer);
      asked->timer.cancel();
    };
    // Called on the card's thread, which must not be where the timer ends: it is moved to the
    // reactor.
    slot->second.talk->exchange(
        std::move(command), [done = std::move(done), reactor = reactor_](Answer answer) mutable {
          asio::post(reactor, [done = std::move(done), answer = std::move(answer)]() mutable {
            done(std::move(answer));
          });
        });
    co_await asked->timer.async_wait(asio::as_tuple(asio::use_awaitable));
    // In time or not, the reader is busy until it has answered.
    if (!asked->answer) asked->answer = std::unexpected(Exchange::timed_out);
    co_return *asked->answer;
  }

 private:
  struct Slot {
    std::shared_ptr<PcscTalk> talk;
    std::weak_ptr<Place> place;
    bool present = false;
    std::uint32_t changes = 0;
    std::uint64_t stay = 0;  // of the card; each has its own number
  };

  void start() {
    const auto tell = [weak = weak_from_this(), reactor = reactor_](auto what) {
      asio::post(reactor, [weak, what = std::move(what)] {
        const auto self = weak.lock();
        if (self && !self->ended_) what(*self);
      });
    };
    watch_ = PcscWatch::start({.readers =
                                   [tell](std::vector<PcscSlot> now) {
                                     tell([now = std::move(now)](Bus& bus) { bus.take(now, ""); });
                                   },
                               .unreachable =
                                   [tell](std::string why) {
                                     tell([why = std::move(why)](Bus& bus) { bus.take({}, why); });
                                   }});
  }

  void take(const std::vector<PcscSlot>& now, const std::string& why_none) {
    for (auto slot = slots_.begin(); slot != slots_.end();) {
      const bool there = std::ranges::find(now, slot->first, &PcscSlot::reader) != now.end();
      if (there) {
        ++slot;
        continue;
      }
      went(slot->first, slot->second);
      slot->second.talk->end();
      leaving_.push_back(std::move(slot->second.talk));
      slot = slots_.erase(slot);
    }
    for (const PcscSlot& seen : now) {
      const auto [at, fresh] = slots_.try_emplace(seen.reader);
      if (fresh) at->second = {PcscTalk::start(seen.reader), owner(seen.reader)};
      look(seen, at->second);
    }
    tell_states(why_none);
    tidy();
  }

  void look(const PcscSlot& seen, Slot& slot) {
    const bool same = seen.present == slot.present && seen.changes == slot.changes;
    slot.changes = seen.changes;
    if (same) return;
    if (slot.present) went(seen.reader, slot);
    slot.present = seen.present;
    const Contactless kind = contactless(seen.atr);
    if (!seen.present || kind == Contactless::no || slot.place.expired()) return;
    slot.stay = ++stays_;
    slot.talk->identify(kind, [weak = weak_from_this(), reactor = reactor_, name = seen.reader,
                               stay = slot.stay](const std::optional<Sight>& sight) {
      asio::post(reactor, [weak, name, stay, sight] {
        const auto self = weak.lock();
        if (self && sight) self->came(name, stay, *sight);
      });
    });
  }

  void came(const std::string& name, std::uint64_t stay, const Sight& sight) {
    const auto slot = slots_.find(name);
    if (ended_ || slot == slots_.end() || slot->second.stay != stay) return;  // it has gone already
    const auto place = slot->second.place.lock();
    if (!place) return;
    place->card_in = name;
    place->sight = sight;
    place->events.sight(sight);
  }

  void went(const std::string& name, Slot& slot) {
    slot.present = false;
    slot.stay = 0;
    slot.talk->let_go();
    const auto place = slot.place.lock();
    if (!place || place->card_in != name) return;
    // A card that lies in another slot of this place has had its turn.
    place->card_in.clear();
    place->sight = {};
    settle(*place, Exchange::card_gone);
    place->events.sight({});
  }

  // Whoever waits for an answer of the card waits no more.
  static void settle(Place& place, Exchange how) {
    const auto asked = std::exchange(place.asked, nullptr);
    if (!asked || asked->answer) return;
    asked->answer = std::unexpected(how);
    asked->timer.cancel();
  }

  std::shared_ptr<Place> owner(const std::string& reader) const {
    std::shared_ptr<Place> best;
    for (const auto& place : places_) {
      if (reader.starts_with(place->name) && (!best || place->name.size() > best->name.size()))
        best = place;
    }
    return best;
  }

  void tell_states(const std::string& why_none) {
    const auto places = places_;
    for (const auto& place : places) {
      const auto slot = std::ranges::find_if(
          slots_, [&](const auto& entry) { return entry.second.place.lock() == place; });
      const bool working = slot != slots_.end();
      std::string what = working ? slot->first : why_none;
      if (what.empty())
        what = place->name.empty() ? "no reader is plugged in" : place->name + " is not plugged in";
      if (working == place->working && what == place->told) continue;
      place->working = working;
      place->told = what;
      place->events.state(working, what);
    }
  }

  // Threads of readers that have gone, as soon as they have ended.
  void tidy() {
    std::erase_if(leaving_, [](const auto& talk) {
      if (!talk->ended()) return false;
      talk->wait_ended();
      return true;
    });
  }

  const asio::any_io_executor reactor_;
  std::vector<std::shared_ptr<Place>> places_;
  std::map<std::string, Slot, std::less<>> slots_;
  std::vector<std::shared_ptr<PcscTalk>> leaving_;
  std::shared_ptr<PcscWatch> watch_;
  std::uint64_t stays_ = 0;
  bool ended_ = false;
};

class PcscReader final : public Reader {
 public:
  PcscReader(std::shared_ptr<Bus> bus, std::shared_ptr<Place> place)
      : bus_(std::move(bus)), place_(std::move(place)) {
    bus_->add(place_);
  }
  ~PcscReader() override { bus_->remove(place_); }

  asio::awaitable<Answer> exchange(std::vector<std::uint8_t> command,
                                   std::chrono::milliseconds limit) override {
    return bus_->exchange(place_, std::move(command), limit);
  }

 private:
  const std::shared_ptr<Bus> bus_;
  const std::shared_ptr<Place> place_;
};

class Watched final : public PcscBus {
 public:
  explicit Watched(const asio::any_io_executor& reactor) : bus_(std::make_shared<Bus>(reactor)) {}
  ~Watched() override { bus_->end(); }

  std::unique_ptr<Reader> reader(std::string name, Events events) override {
    const auto place = std::make_shared<Place>();
    place->name = std::move(name);
    place->events = std::move(events);
    return std::make_unique<PcscReader>(bus_, place);
  }

 private:
  const std::shared_ptr<Bus> bus_;
};

}  // namespace

std::unique_ptr<PcscBus> pcsc_bus(const asio::any_io_executor& reactor) {
  return std::make_unique<Watched>(reactor);
}

}  // namespace rollcall::readers
