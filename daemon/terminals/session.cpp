// The life of a connection: its loops, its timers and what the link reports.
#include "daemon/terminals/session.hpp"

#include <algorithm>
#include <string_view>

#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/write.hpp>

#include "daemon/log/log.hpp"
#include "daemon/terminals/journal.hpp"

namespace rollcall::terminals {
namespace {

namespace asio = boost::asio;
using flows::Interruption;

// The link is local, so the host end announces nothing of itself but the largest frame.
protocol::Hello host_hello() {
  protocol::Hello hello;
  hello.max_frame = protocol::max_body_tcp;
  return hello;
}

std::string text_of(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string_view name(protocol::CloseReason reason) {
  switch (reason) {
    case protocol::CloseReason::none:
      return "none";
    case protocol::CloseReason::local:
      return "closed here";
    case protocol::CloseReason::peer_bye:
      return "the terminal said goodbye";
    case protocol::CloseReason::silence:
      return "silence";
    case protocol::CloseReason::unacknowledged:
      return "no acknowledgement";
    case protocol::CloseReason::version:
      return "no common protocol version";
    case protocol::CloseReason::bad_hello:
      return "unreadable greeting";
    case protocol::CloseReason::restarted:
      return "the terminal restarted";
    case protocol::CloseReason::security:
      return "a tag did not verify";
    case protocol::CloseReason::transport:
      return "the connection broke";
  }
  return "none";
}

}  // namespace

Session::Session(SessionOwner& owner, const Services& services, Socket socket, std::string peer)
    : owner_(owner),
      services_(services),
      socket_(std::move(socket)),
      peer_(std::move(peer)),
      executor_(socket_.get_executor()),
      link_(clear_, *this, host_hello()),
      read_signal_(executor_),
      write_signal_(executor_),
      timer_signal_(executor_),
      children_signal_(executor_) {}

Session::~Session() = default;

// Life -------------------------------------------------------------------------------------------

asio::awaitable<void> Session::run() {
  const auto self = shared_from_this();
  link_.start(now());
  co_await transport();
  if (link_.state() != protocol::LinkState::closed) link_.transport_lost();
  boost::system::error_code ignored;
  socket_.close(ignored);
  while (children_ > 0) co_await children_signal_.wait();
  if (!serial_.empty()) {
    services_.writer.submit(
        [serial = serial_, at = last_seen_ms_](store::Database& db) { seen(db, serial, at); },
        [](store::Committed, const std::string&) {});
  }
}

// Until one of the three loops ends; the others are then cancelled.
asio::awaitable<void> Session::transport() {
  using namespace asio::experimental::awaitable_operators;
  co_await (read_loop() || write_loop() || timer_loop());
}

void Session::spawn(asio::awaitable<void> child) {
  ++children_;
  asio::co_spawn(executor_, std::move(child),
                 [self = shared_from_this()](const std::exception_ptr& failure) {
                   if (failure) {
                     try {
                       std::rethrow_exception(failure);
                     } catch (const std::exception& e) {
                       logging::error(
                           "a terminal's session met an unexpected fault; it is closed and the "
                           "terminal connects again",
                           {{"terminal", self->serial_}, {"why", e.what()}});
                     }
                     self->close_link();
                   }
                   --self->children_;
                   self->children_signal_.notify();
                 });
}

asio::awaitable<void> Session::read_loop() {
  while (stage_ != Stage::closed) {
    if (!may_read()) {
      co_await read_signal_.wait();
      continue;
    }
    const auto [error, size] = co_await socket_.async_read_some(
        asio::buffer(incoming_), asio::as_tuple(asio::use_awaitable));
    if (error || size == 0) {
      link_.transport_lost();
      co_return;
    }
    last_seen_ms_ = services_.now().wall_ms;
    link_.on_bytes({incoming_.data(), size}, now());
    check_frames();
    pump();
    rearm();
  }
  // The write loop says goodbye; the timer loop ends it if that takes too long.
  for (;;) co_await read_signal_.wait();
}

asio::awaitable<void> Session::write_loop() {
  for (;;) {
    const Bytes pending = link_.pending_output();
    if (pending.empty()) {
      if (stage_ == Stage::closed) co_return;
      co_await write_signal_.wait();
      continue;
    }
    outgoing_.assign(pending.begin(), pending.end());
    link_.consume(pending.size());
    const auto [error, size] = co_await asio::async_write(socket_, asio::buffer(outgoing_),
                                                          asio::as_tuple(asio::use_awaitable));
    if (error) {
      link_.transport_lost();
      co_return;
    }
  }
}

asio::awaitable<void> Session::timer_loop() {
  for (;;) {
    on_timers();
    if (stage_ == Stage::closed && Clock::now() >= closed_at_ + goodbye_limit) co_return;
    armed_until_ = next_wake();
    co_await timer_signal_.wait(armed_until_);
  }
}

Session::Clock::time_point Session::next_wake() const {
  if (stage_ == Stage::closed) return closed_at_ + goodbye_limit;
  Clock::time_point wake{link_.next_deadline()};
  if (stage_ != Stage::serving) wake = std::min(wake, connected_at_ + services_.greeting_limit);
  if (finish_by_) wake = std::min(wake, *finish_by_);
  return std::min({wake, resend_over_at_, next_time_at_});
}

void Session::on_timers() {
  if (stage_ == Stage::closed) return;
  link_.poll(now());
  const auto time = Clock::now();
  if ((stage_ == Stage::greeting || stage_ == Stage::up) &&
      time >= connected_at_ + services_.greeting_limit) {
    ++owner_.counters().never_greeted;
    close_link();
    return;
  }
  if (time >= next_time_at_) {
    const attendance::HostTime host = services_.now();
    send(protocol::Time{host.wall_ms, host.trust});
    next_time_at_ = time + time_interval;
  }
  if (time >= resend_over_at_ && !queued_->idle()) resend_over_at_ = time + resend_quiet;
  if (time >= resend_over_at_) {
    services_.writer.submit([serial = serial_, epochs = resending_](
                                store::Database& db) { clear_resend(db, serial, epochs); },
                            [](store::Committed, const std::string&) {});
    resend_over_at_ = Clock::time_point::max();
  }
  end_when_finished();
  pump();
}

void Session::rearm() {
  if (next_wake() < armed_until_) timer_signal_.notify();
}

bool Session::may_read() const {
  return live_in_flight_ < max_live_in_flight && !(queued_ && queued_->full());
}

protocol::Millis Session::now() const {
  return std::chrono::duration_cast<protocol::Millis>(Clock::now().time_since_epoch());
}

void Session::finish(Interruption why) {
  if (stage_ == Stage::closed || finish_by_) return;
  finish_by_ = Clock::now() + finish_limit;
  finish_why_ = why;
  if (kiosk_ != nullptr) kiosk_->interrupt(why);
  end_when_finished();
  rearm();
}

void Session::end_when_finished() {
  if (!finish_by_ || stage_ == Stage::closed) return;
  const bool quiet = live_in_flight_ == 0 && !outbox_.urgent() && (!queued_ || queued_->idle());
  const bool delivered = quiet && (link_.state() != protocol::LinkState::up || link_.can_send());
  if (delivered || Clock::now() >= *finish_by_) close_link();
}

void Session::displace() {
  close_link();
}

void Session::abort() {
  boost::system::error_code ignored;
  socket_.close(ignored);
}

void Session::close_link() {
  if (stage_ == Stage::closed) return;
  link_.close(now());
  write_signal_.notify();
}

// The link's events ------------------------------------------------------------------------------

void Session::on_up(const protocol::Hello& peer) {
  hello_ = peer;
  firmware_ = text_of(peer.firmware.view());
  std::string serial = text_of(peer.serial.view());
  terminal_ = owner_.greeted(*this, serial);
  if (terminal_ == nullptr) {
    link_.close(now());
    return;
  }
  serial_ = std::move(serial);
  stage_ = Stage::up;
  queued_.emplace(services_, executor_, serial_, terminal_->room,
                  [this](const QueuedTaps::Done& done) { queued_done(done); });
  queued_->on_room([this] { read_signal_.notify(); });
  spawn(queued_->run());
}

void Session::on_sent() {
  pump();
  end_when_finished();
}

void Session::on_down(protocol::CloseReason reason) {
  if (stage_ == Stage::serving) {
    logging::info("terminal disconnected", {{"terminal", serial_}, {"why", name(reason)}});
  }
  stage_ = Stage::closed;
  closed_at_ = Clock::now();
  if (queued_) queued_->close();
  if (kiosk_ != nullptr) kiosk_->interrupt(finish_by_ ? finish_why_ : Interruption::link_lost);
  read_signal_.notify();
  write_signal_.notify();
  timer_signal_.notify();
}

void Session::pump() {
  while (!outbox_.empty() && link_.can_send()) {
    const auto message = outbox_.next(link_.max_payload());
    if (!message || !link_.send(0, *message, now())) break;
  }
  write_signal_.notify();
}

void Session::sent_or_slow(bool queued) {
  if (!queued) {
    ++owner_.counters().closed_slow;
    static logging::Limited log(1, std::chrono::seconds{1});
    log.warning("terminal does not take its answers; closed", {{"terminal", serial_}});
    close_link();
    return;
  }
  pump();
  rearm();
}

void Session::check_frames() {
  const protocol::LinkCounters& c = link_.counters();
  const std::uint32_t bad =
      c.bad_crc + c.bad_cobs + c.too_long + c.too_short + c.unknown_type + c.unexpected;
  if (bad == bad_frames_) return;
  owner_.counters().bad_frames += bad - bad_frames_;
  bad_frames_ = bad;
  static logging::Limited log(1, std::chrono::seconds{1});
  log.warning("frames could not be read",
              {{"terminal", serial_}, {"peer", peer_}, {"frames", bad}});
  if (bad > max_bad_frames && stage_ != Stage::closed) {
    ++owner_.counters().closed_for_faults;
    close_link();
  }
}

void Session::fault(std::uint64_t& counter, const char* what) {
  ++counter;
  ++faults_;
  static logging::Limited log(1, std::chrono::seconds{1});
  log.warning("message not accepted", {{"terminal", serial_}, {"peer", peer_}, {"why", what}});
  if (faults_ > max_faults && stage_ != Stage::closed) {
    ++owner_.counters().closed_for_faults;
    close_link();
  }
}

}  // namespace rollcall::terminals
