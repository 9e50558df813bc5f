// How a terminal gets its link key: the attempt of an enrolment, and a new key inside a session.
#include <cstdio>
#include <string_view>

#include "daemon/log/log.hpp"
#include "daemon/registry/key_seal.hpp"
#include "daemon/terminals/session.hpp"

namespace rollcall::terminals {
namespace {

namespace asio = boost::asio;
using protocol::EnrolEndReason;
using State = protocol::HostEnrolment::State;

std::string six_digits(std::uint32_t number) {
  char digits[8];
  std::snprintf(digits, sizeof digits, "%06u", static_cast<unsigned>(number));
  return digits;
}

// Clauses for staff.
std::string_view clause(EnrolEndReason reason) {
  switch (reason) {
    case EnrolEndReason::cancelled:
      return "it was cancelled at the terminal";
    case EnrolEndReason::not_expected:
      return "the terminal did not expect it";
    case EnrolEndReason::different:
      return "the person at the terminal said that the numbers differ; somebody may be between "
             "terminal and host";
    case EnrolEndReason::broken_promise:
      return "what arrived at the terminal was changed on the way; somebody may be between "
             "terminal "
             "and host";
    case EnrolEndReason::no_entropy:
      return "the terminal has no seed to make keys from; it must go back to the factory console";
    case EnrolEndReason::expired:
      return "the time at the terminal was up";
    case EnrolEndReason::protocol:
      return "terminal and host did not understand each other";
    case EnrolEndReason::storage:
      return "the terminal kept no key: its storage failed, or taps wait in it for another site, "
             "which "
             "must have them first";
  }
  return "the terminal ended it";
}

EnrolEndReason reason_for(WindowState state) {
  if (state == WindowState::number_wrong) return EnrolEndReason::different;
  if (state == WindowState::expired) return EnrolEndReason::expired;
  return EnrolEndReason::cancelled;
}

}  // namespace

void Session::begin_enrolment() {
  stage_ = Stage::enrolling;
  if (!owner_.enrolment().begin(serial_, *this)) {
    logging::warning("a terminal asks to be enrolled that nobody here expects",
                     {{"terminal", serial_}, {"peer", wire_->peer()}});
    send(protocol::EnrolEnd{EnrolEndReason::not_expected});
    return finish(flows::Interruption::shutdown);
  }
  enrolment_.emplace(protocol::HelloDigests{link_.peer_hello_digest(), link_.own_hello_digest()},
                     registry::random_key(), registry::random_key());
  enrolment_went_on();
}

// Tells staff's side of the window what the attempt has come to.
void Session::enrolment_went_on() {
  if (!enrolment_) return;
  pump();
  switch (enrolment_->state()) {
    case State::comparing:
      granted_key_ = registry::random_key();
      owner_.enrolment().number_ready(*this, six_digits(enrolment_->number()), granted_key_);
      break;
    case State::ended:
      owner_.enrolment().refused(*this, std::string(clause(enrolment_->why())));
      finish(flows::Interruption::shutdown);
      break;
    case State::done:
      spawn(prove_enrolled());
      break;
    case State::committed:
    case State::granted:
      break;
  }
}

// The terminal has shown that it holds the key: from here on the site knows it.
asio::awaitable<void> Session::prove_enrolled() {
  const auto done = co_await services_.registry.proven(serial_, granted_key_, firmware_);
  crypto::wipe(granted_key_);
  if (!done) {
    logging::warning("the proof of an enrolment came too late",
                     {{"terminal", serial_}, {"why", done.error().text}});
  }
  finish(flows::Interruption::shutdown);  // it comes back with its key
}

void Session::numbers_agree() {
  if (!enrolment_ || !enrolment_->typed(enrolment_->number())) return;
  protocol::Grant grant{.key = granted_key_, .site_key = services_.keys.public_key, .site = {}};
  const std::string& site = services_.config.site.id;
  grant.site.assign({reinterpret_cast<const std::uint8_t*>(site.data()), site.size()});
  enrolment_->grant(grant);
  crypto::wipe(grant.key);
  pump();
  rearm();
}

void Session::attempt_over() {
  if (!enrolment_) return;
  const auto window = owner_.enrolment().window();
  enrolment_->end(reason_for(window ? window->state : WindowState::failed));
  pump();
  finish(flows::Interruption::shutdown);
}

}  // namespace rollcall::terminals
