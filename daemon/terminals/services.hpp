// What the sessions of all terminals share. Everything named here outlives the hub.
#pragma once

#include <chrono>
#include <functional>

#include <boost/asio/thread_pool.hpp>

#include "daemon/assessments/library.hpp"
#include "daemon/attendance/recorder.hpp"
#include "daemon/cards/card_issuing.hpp"
#include "daemon/cards/card_sign_ins.hpp"
#include "daemon/config/config.hpp"
#include "daemon/flows/offer_assessment.hpp"
#include "daemon/flows/sign_half_day.hpp"
#include "daemon/registry/registry.hpp"
#include "daemon/screens/screens.hpp"
#include "daemon/sheets/calendar.hpp"
#include "daemon/store/readers.hpp"
#include "daemon/store/writer.hpp"
#include "protocol/crypto/crypto.hpp"

namespace rollcall::terminals {

// X25519 pair that terminals seal their readings to.
struct SiteKeys {
  crypto::Key private_key{};
  crypto::Key public_key{};
};

struct Services {
  boost::asio::thread_pool& pool;  // for drawing and for opening sealed readings
  const config::Config& config;
  registry::Registry& registry;
  attendance::Recorder& recorder;
  cards::SiteCards& cards;
  cards::CardIssuing& issuing;
  cards::CardSignIns& sign_ins;
  store::Readers& readers;
  store::Writer& writer;
  screens::Screens& screens;
  const assessments::Library& assessments;
  const sheets::Calendar& holidays;
  SiteKeys keys;
  std::function<attendance::HostTime()> now;  // thread-safe
  flows::Pace pace{};
  std::chrono::milliseconds greeting_limit{10000};  // from connection to terminal_state
  // Kept screens that a terminal asks for again go no more often than this.
  std::chrono::milliseconds screens_again{10000};
  // So long a terminal shows its own answer before another screen (terminal_timing::answer_shown).
  std::chrono::milliseconds own_answer{1200};
  flows::SigningPace signing{};
};

}  // namespace rollcall::terminals
