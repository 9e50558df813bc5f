// Cards that prove a key: what is said to them through the reader, and the tap behind it.
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>

#include "daemon/log/log.hpp"
#include "daemon/stations/station.hpp"

namespace rollcall::stations {
namespace {

namespace asio = boost::asio;
using protocol::ApduStatus;

ApduStatus status_of(hal::Exchange exchange) {
  switch (exchange) {
    case hal::Exchange::card_gone:
      return ApduStatus::card_gone;
    case hal::Exchange::timed_out:
      return ApduStatus::timed_out;
    default:
      return ApduStatus::failed;
  }
}

void put_answer(const readers::Answer& answer, protocol::ApduResponse& response) {
  if (!answer) {
    response.status = status_of(answer.error());
  } else if (!response.data.assign(*answer)) {
    response.status = ApduStatus::failed;
  } else {
    response.status = ApduStatus::ok;
  }
}

}  // namespace

void Station::talk_through(readers::Reader* reader) {
  reader_of_cards_ = reader;
}

std::expected<void, std::string> Station::can_issue() const {
  if (!working_) return std::unexpected(id() + " is out of order: " + what_);
  if (reader_of_cards_ == nullptr)
    return std::unexpected("the reader " + id() + " cannot talk to cards");
  return {};
}

cards::CardVisits::Hooks Station::card_hooks() {
  return {.send = [this](const protocol::ApduRequest& request) { ask(request); },
          .submit = [this](const cards::LiveTap& live,
                           const attendance::CardProof& proof) { submit(live, proof); },
          .leave = {}};  // a visit here is interrupted, never closed: nobody else keeps the tap
}

void Station::submit(const cards::LiveTap& live, const attendance::CardProof& proof) {
  const std::uint64_t number = live.tap.number;
  // Called on the writer's thread. The station's timers must end on the reactor: it is moved there.
  auto done = [self = shared_from_this(), number,
               reactor = reactor_](const attendance::TapResult& result) mutable {
    asio::post(reactor,
               [self = std::move(self), number, result] { self->answered(number, result); });
  };
  attendance::TapResult full;
  full.error = "the writer's queue is full";
  if (in_flight_.size() > most_in_flight ||
      !services_.recorder.submit({.serial = id(),
                                  .tap = live.tap,
                                  .live = true,
                                  .proof = proof,
                                  .asked = live.asked,
                                  .signing = signing_forms(live.tap.kind)},
                                 std::move(done)))
    answered(number, full);
}

// Never at once: a reader that refuses would answer while the visit is still asking.
void Station::ask(const protocol::ApduRequest& request) {
  asio::post(reactor_, [self = shared_from_this(), request] {
    asio::co_spawn(self->reactor_, self->exchange(request), [self](const std::exception_ptr& why) {
      if (why) logging::error("an exchange with a card ended in an unexpected fault");
    });
  });
}

// The reader does one at a time: while it still waits for the card before, it is busy.
asio::awaitable<void> Station::exchange(protocol::ApduRequest request) {
  protocol::ApduResponse response{request.exchange, ApduStatus::failed, {}};
  if (!talks_) {
    response.status = ApduStatus::unsupported;
  } else if (exchanging_) {
    response.status = ApduStatus::busy;
  } else if (reader_of_cards_ != nullptr) {
    const Bytes said = request.command.view();
    std::vector<std::uint8_t> command(said.begin(), said.end());
    exchanging_ = true;
    const readers::Answer answer = co_await reader_of_cards_->exchange(
        std::move(command), std::chrono::milliseconds(request.deadline_ms));
    exchanging_ = false;
    idle_.notify();
    put_answer(answer, response);
  }
  visits_.on_response(response);
  keep_time();
}

void Station::keep_time() {
  const auto deadline = visits_.next_deadline();
  if (deadline == cards::CardVisits::Clock::time_point::max()) {
    visit_over_.cancel();
    return;
  }
  visit_over_.expires_at(deadline);
  visit_over_.async_wait([self = shared_from_this()](boost::system::error_code error) {
    if (error) return;
    self->visits_.on_time();
    self->keep_time();
  });
}

}  // namespace rollcall::stations
