// Cards that prove a key: what is said to them through the terminal, and the tap behind it.
#include <boost/asio/post.hpp>

#include "daemon/terminals/session.hpp"

namespace rollcall::terminals {

namespace asio = boost::asio;

cards::CardVisits::Hooks Session::card_hooks() {
  return {.send = [this](const protocol::ApduRequest& request) { send(request); },
          .submit = [this](const cards::LiveTap& live,
                           const attendance::CardProof& proof) { submit(live, proof); },
          .leave = [this](const cards::LiveTap&) { --live_in_flight_; }};
}

void Session::handle_apdu_response(const protocol::ApduResponse& response) {
  if (!visits_.on_response(response))
    return fault(owner_.counters().misplaced, "an answer of a card that nobody asked");
  rearm();
}

void Session::handle_apdu_wait(const protocol::ApduWait& wait) {
  if (!visits_.on_wait(wait))
    return fault(owner_.counters().misplaced, "a card that nobody asked wants more time");
  rearm();
}

void Session::submit(const cards::LiveTap& live, const attendance::CardProof& proof) {
  auto done = [weak = weak_from_this(), executor = executor_,
               live](const attendance::TapResult& result) {
    asio::post(executor, [weak, live, result] {
      if (const auto self = weak.lock()) self->answer(live, result);
    });
  };
  const bool taken = services_.recorder.submit({.serial = serial_,
                                                .tap = live.tap,
                                                .live = true,
                                                .start = start_clock_.point(services_.now()),
                                                .proof = proof,
                                                .asked = live.asked,
                                                .signing = signing_forms()},
                                               std::move(done));
  if (taken) return;
  attendance::TapResult full;
  full.error = "the writer's queue is full";
  answer(live, full);
}

}  // namespace rollcall::terminals
