#include "hal/host/readers/pcsc_watch.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <list>
#include <utility>

#include <reader.h>
#include <winscard.h>

namespace rollcall::readers {
namespace {

constexpr const char* reader_changes = R"(\\?PnP?\Notification)";

std::vector<std::string> list(SCARDCONTEXT context) {
  std::array<char, 16 * MAX_READERNAME> names{};
  DWORD size = names.size();
  std::vector<std::string> out;
  if (SCardListReaders(context, nullptr, names.data(), &size) != SCARD_S_SUCCESS) return out;
  for (const char* at = names.data(); *at != '\0' && out.size() < PcscWatch::most_readers;
       at += out.back().size() + 1)
    out.emplace_back(at);
  return out;
}

// The readers of one list, and what was last heard of them. The first is no reader.
class States {
 public:
  explicit States(std::vector<std::string> names) : names_(std::move(names)) {
    add(reader_changes);
    for (const std::string& name : names_) add(name.c_str());
  }

  const std::vector<std::string>& names() const { return names_; }
  SCARD_READERSTATE* data() { return states_.data(); }
  DWORD size() const { return states_.size(); }

  // After a change. True when the list is no longer right.
  bool take() {
    bool list_changed = (states_[0].dwEventState & SCARD_STATE_CHANGED) != 0;
    for (SCARD_READERSTATE& state : states_) {
      state.dwCurrentState = state.dwEventState & ~static_cast<DWORD>(SCARD_STATE_CHANGED);
      constexpr DWORD lost = SCARD_STATE_UNKNOWN | SCARD_STATE_IGNORE;
      if (&state != states_.data() && (state.dwEventState & lost) != 0) list_changed = true;
    }
    return list_changed;
  }

  std::vector<PcscSlot> slots() const {
    std::vector<PcscSlot> out;
    for (std::size_t i = 1; i < states_.size(); ++i) {
      const SCARD_READERSTATE& state = states_[i];
      PcscSlot slot{names_[i - 1], false, static_cast<std::uint32_t>(state.dwEventState >> 16), {}};
      slot.present = (state.dwEventState & SCARD_STATE_PRESENT) != 0 &&
                     (state.dwEventState & SCARD_STATE_MUTE) == 0 && state.cbAtr > 0;
      if (slot.present) slot.atr.assign(state.rgbAtr, state.rgbAtr + state.cbAtr);
      out.push_back(std::move(slot));
    }
    return out;
  }

 private:
  void add(const char* name) {
    SCARD_READERSTATE state{};
    state.szReader = name;
    states_.push_back(state);
  }

  std::vector<std::string> names_;
  std::vector<SCARD_READERSTATE> states_;
};

std::string clause(LONG result) {
  if (result == SCARD_E_NO_SERVICE || result == SCARD_F_COMM_ERROR ||
      result == SCARD_E_SERVICE_STOPPED)
    return "pcscd does not run";
  return pcsc_stringify_error(result);
}

}  // namespace

std::shared_ptr<PcscWatch> PcscWatch::start(Events events) {
  const std::shared_ptr<PcscWatch> made(new PcscWatch(std::move(events)));
  made->thread_ = std::thread([made] { made->loop(); });
  return made;
}

void PcscWatch::end() {
  auto ended = ended_.get_future();
  const auto until = std::chrono::steady_clock::now() + end_limit;
  do {
    const std::scoped_lock lock(mutex_);
    ending_ = true;
    pause_.notify_one();
    // Lost when the thread does not wait just then: again in a moment.
    if (context_) SCardCancel(*context_);
  } while (ended.wait_for(std::chrono::milliseconds{10}) != std::future_status::ready &&
           std::chrono::steady_clock::now() < until);
  if (ended.wait_for(std::chrono::milliseconds{0}) == std::future_status::ready) {
    thread_.join();
  } else {
    thread_.detach();
  }
}

bool PcscWatch::ending() {
  const std::scoped_lock lock(mutex_);
  return ending_;
}

std::optional<long> PcscWatch::establish(std::string& why) {
  SCARDCONTEXT context{};
  const LONG result = SCardEstablishContext(SCARD_SCOPE_SYSTEM, nullptr, nullptr, &context);
  if (result == SCARD_S_SUCCESS) return context;
  why = clause(result);
  return std::nullopt;
}

void PcscWatch::loop() {
  auto pause = retry_first;
  while (!ending()) {
    std::string why;
    if (const auto context = establish(why)) {
      {
        const std::scoped_lock lock(mutex_);
        context_ = context;
      }
      pause = retry_first;
      why = watch(*context);
      const std::scoped_lock lock(mutex_);
      context_.reset();
      SCardReleaseContext(*context);
    }
    if (ending()) break;
    events_.unreachable(why);
    std::unique_lock lock(mutex_);
    pause_.wait_for(lock, pause, [this] { return ending_; });
    pause = std::min(pause * 2, retry_most);
  }
  ended_.set_value();
}

std::string PcscWatch::watch(long context) {
  const auto listed = [&] {
    std::vector<std::string> names = list(context);
    if (names.empty()) events_.readers({});
    return States(std::move(names));
  };
  States states = listed();
  while (!ending()) {
    const LONG result = SCardGetStatusChange(context, static_cast<DWORD>(list_again.count()),
                                             states.data(), states.size());
    if (result == SCARD_E_CANCELLED) continue;
    if (result == SCARD_E_TIMEOUT) {
      if (list(context) != states.names()) states = listed();
    } else if (result == SCARD_E_UNKNOWN_READER) {
      states = listed();
    } else if (result != SCARD_S_SUCCESS) {
      return clause(result);
    } else if (states.take()) {
      states = listed();
    } else {
      events_.readers(states.slots());
    }
  }
  return {};
}

}  // namespace rollcall::readers
