#include "daemon/terminals/enrolment.hpp"

#include <algorithm>
#include <utility>

#include <boost/asio/co_spawn.hpp>

#include "daemon/log/log.hpp"

namespace rollcall::terminals {

namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;

namespace {

std::string why(WindowState state, const std::string& reason) {
  if (state == WindowState::number_wrong) return "the numbers differ";
  return state == WindowState::expired ? "the time is up" : reason;
}

}  // namespace

bool is_over(WindowState state) {
  switch (state) {
    case WindowState::number_wrong:
    case WindowState::done:
    case WindowState::failed:
    case WindowState::expired:
      return true;
    default:
      return false;
  }
}

Enrolment::Enrolment(const asio::any_io_executor& executor, registry::Registry& registry,
                     std::chrono::milliseconds window_time)
    : executor_(executor), registry_(registry), window_time_(window_time), timer_(executor) {}

std::expected<void, std::string> Enrolment::open(EnrolmentWish wish) {
  if (open_now()) {
    return std::unexpected("an enrolment window is open for " + attempt_->wish.serial +
                           "; finish or cancel that one first");
  }
  attempt_.emplace();
  attempt_->wish = std::move(wish);
  attempt_->until = Clock::now() + window_time_;
  timer_.expires_at(attempt_->until);
  timer_.async_wait([this, mine = ++count_](const boost::system::error_code& error) {
    if (!error && mine == count_ && open_now()) end(WindowState::expired);
  });
  logging::info("enrolment window opened",
                {{"terminal", attempt_->wish.serial}, {"by", attempt_->wish.actor}});
  return {};
}

std::optional<Window> Enrolment::window() const {
  if (!attempt_) return std::nullopt;
  Window view;
  view.serial = attempt_->wish.serial;
  view.placement = attempt_->wish.placement;
  view.state = attempt_->state;
  view.reason = attempt_->reason;
  const bool agreed = view.state == WindowState::granted || view.state == WindowState::done;
  if (agreed) view.number = attempt_->number;
  if (open_now()) {
    const auto left = attempt_->until - Clock::now();
    view.time_left = std::max(std::chrono::duration_cast<std::chrono::milliseconds>(left),
                              std::chrono::milliseconds{0});
  }
  return view;
}

asio::awaitable<std::expected<bool, std::string>> Enrolment::submit_number(std::string number) {
  if (!open_now()) co_return std::unexpected("no enrolment window is open");
  if (attempt_->state != WindowState::number_ready || attempt_->granting) {
    co_return std::unexpected(attempt_->state == WindowState::granted || attempt_->granting
                                  ? "the number was typed already"
                                  : "there is no number to compare with yet");
  }
  if (number != attempt_->number) {
    end(WindowState::number_wrong);
    co_return false;
  }
  attempt_->granting = true;
  const auto mine = count_;
  const EnrolmentWish wish = attempt_->wish;
  const crypto::Key key = attempt_->key;
  registry::Done done;
  try {
    done = co_await registry_.grant(wish.serial, wish.placement, key, wish.actor);
  } catch (const store::StoreError&) {
    if (mine == count_ && open_now()) end(WindowState::failed, "the key could not be stored");
    throw;
  }
  if (!done) {
    if (mine == count_ && open_now()) end(WindowState::failed, done.error().text);
    co_return std::unexpected(done.error().text);
  }
  if (mine != count_ || !open_now()) {
    // Expired, cancelled or cut off meanwhile.
    co_await registry_.withdraw(wish.serial);
    co_return std::unexpected("the attempt ended while its key was being stored");
  }
  attempt_->granting = false;
  attempt_->granted = true;
  attempt_->state = WindowState::granted;
  crypto::wipe(attempt_->key);
  if (attempt_->peer != nullptr) attempt_->peer->numbers_agree();
  co_return true;
}

asio::awaitable<bool> Enrolment::cancel() {
  if (!open_now()) co_return false;
  end(WindowState::failed, "it was cancelled");
  co_return true;
}

void Enrolment::met(const std::string& serial) {
  if (!open_now() || attempt_->begun || attempt_->wish.serial != serial) return;
  attempt_->state = WindowState::terminal_not_in_window;
}

bool Enrolment::begin(const std::string& serial, EnrolmentPeer& peer) {
  if (!open_now() || attempt_->begun || attempt_->wish.serial != serial) return false;
  // An attempt begins with the terminal's key: until then a newer link takes the place of an older.
  EnrolmentPeer* older = std::exchange(attempt_->peer, &peer);
  attempt_->state = WindowState::waiting_for_terminal;
  if (older != nullptr) older->attempt_over();
  return true;
}

void Enrolment::number_ready(const EnrolmentPeer& peer, std::string number,
                             const crypto::Key& key) {
  if (!carried_by(peer) || attempt_->begun) return;
  attempt_->begun = true;
  attempt_->number = std::move(number);
  attempt_->key = key;
  attempt_->state = WindowState::number_ready;
}

void Enrolment::refused(const EnrolmentPeer& peer, std::string why) {
  if (carried_by(peer)) end(WindowState::failed, std::move(why));
}

void Enrolment::lost(const EnrolmentPeer& peer) {
  if (!carried_by(peer)) return;
  attempt_->peer = nullptr;
  if (attempt_->begun && attempt_->state != WindowState::granted)
    end(WindowState::failed, "the connection to the terminal broke");
}

// Also when the window closed while the proof was being committed: the terminal is enrolled then.
void Enrolment::proven(const std::string& serial) {
  if (!attempt_ || attempt_->wish.serial != serial || !attempt_->granted) return;
  attempt_->peer = nullptr;
  if (attempt_->state != WindowState::done) end(WindowState::done);
}

void Enrolment::end(WindowState state, std::string reason) {
  const bool was_granted = attempt_->state == WindowState::granted;
  attempt_->state = state;
  attempt_->reason = std::move(reason);
  crypto::wipe(attempt_->key);
  timer_.cancel();
  const std::string serial = attempt_->wish.serial;
  if (state == WindowState::done) {
    logging::info("terminal enrolled", {{"terminal", serial}});
    return;
  }
  logging::warning("enrolment ended without success",
                   {{"terminal", serial}, {"why", why(state, attempt_->reason)}});
  if (was_granted) forget_grant(serial);
  if (EnrolmentPeer* peer = std::exchange(attempt_->peer, nullptr)) peer->attempt_over();
}

// Nobody confirmed it at the terminal: the key is worth nothing any more.
void Enrolment::forget_grant(const std::string& serial) {
  asio::co_spawn(executor_, registry_.withdraw(serial),
                 [serial](const std::exception_ptr& failure, const registry::Done&) {
                   if (!failure) return;
                   logging::error(
                       "the key of an enrolment that failed could not be forgotten; revoke the "
                       "terminal",
                       {{"terminal", serial}});
                 });
}

}  // namespace rollcall::terminals
