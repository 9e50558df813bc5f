// A place for taps that is a card reader of this machine and a kiosk page in a browser. Everything
// runs on the reactor.
//
//   what is shown:  an answer, for a moment  >  what a flow shows  >  the keys for a code
//                   >  at rest, or out of order
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <expected>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include "daemon/assessments/library.hpp"
#include "daemon/attendance/recorder.hpp"
#include "daemon/cards/card_visits.hpp"
#include "daemon/config/config.hpp"
#include "daemon/flows/offer_assessment.hpp"
#include "daemon/flows/other_way.hpp"
#include "daemon/flows/sign_half_day.hpp"
#include "daemon/flows/signal.hpp"
#include "daemon/flows/waiting.hpp"
#include "daemon/sheets/calendar.hpp"
#include "daemon/stations/page.hpp"
#include "daemon/store/readers.hpp"
#include "daemon/store/writer.hpp"
#include "hal/debounce.hpp"
#include "hal/host/http/http.hpp"
#include "hal/host/readers/line_format.hpp"
#include "hal/host/readers/reader.hpp"

namespace rollcall::stations {

// What the stations share; all of it outlives them.
struct Services {
  const config::Config& config;
  attendance::Recorder& recorder;
  cards::SiteCards& cards;
  cards::CardIssuing& issuing;
  cards::CardSignIns& sign_ins;
  store::Readers& readers;
  store::Writer& writer;
  const assessments::Library& assessments;
  const sheets::Calendar& holidays;
  std::function<attendance::HostTime()> now;  // thread-safe
  flows::Pace pace{};
  std::chrono::milliseconds answer_shown{3000};
  std::chrono::milliseconds language_kept{30000};  // while nobody touches anything
  std::chrono::milliseconds code_patience{90000};  // for the digits of a code
  flows::SigningPace signing{};
};

// What the console may know of a station.
struct StationStatus {
  std::string id;
  std::string room;
  std::string mode;
  bool working = false;
  std::string reader;             // its name, or a clause that says why it does not work
  std::int64_t last_seen_ms = 0;  // Unix ms of when it last worked; 0 = not since the start
  std::uint64_t taps = 0;         // since the start
};

class Station final : public std::enable_shared_from_this<Station> {
 public:
  using Clock = std::chrono::steady_clock;

  // Nobody is offered anything when somebody else tapped less than this before.
  static constexpr std::chrono::milliseconds line_gap{4000};
  // A reader prints the same line again as long as the card or code is held there: it counts anew
  // when it was not printed for this long.
  static constexpr std::chrono::milliseconds line_away{2000};
  // For how long the page shows what a person said instead, before it asks something else.
  static constexpr std::chrono::milliseconds other_answer{2000};
  static constexpr std::size_t most_in_flight =
      16;  // taps without their commit; then they wait no more

  // `reader` is one of services.config.readers. `changed` is called when its status has changed.
  Station(const boost::asio::any_io_executor& reactor, const Services& services,
          const config::Reader& reader, std::function<void()> changed);

  // Through which cards are asked for their proof; nullptr: there is none, or no more. It outlives
  // its use here. Without one, no card is asked.
  void talk_through(readers::Reader* reader);
  // Whether cards can be issued here now; otherwise a clause.
  std::expected<void, std::string> can_issue() const;

  // From the reader.
  void state(bool working, const std::string& what);
  void seen(const hal::Sight& sight);
  void read(const std::expected<readers::LineReading, std::string>& line);

  // From the page. `screen` is the one that was touched.
  enum class Chosen { taken, stale, not_offered };
  Chosen choose(const std::string& screen, const std::string& choice);
  Chosen sign(const std::string& screen, sheets::Drawing drawing);
  const std::shared_ptr<http::EventSource>& stream() const { return stream_; }
  // Tells the pages what they show, so that they know they are not alone.
  void publish();

  // Takes nothing more; until what was taken is answered and the flow has ended.
  boost::asio::awaitable<void> stop();

  const std::string& id() const { return reader_.id; }
  StationStatus status() const;

 private:
  // The page as the place of a flow.
  class PageKiosk;
  struct InFlight;
  struct Reading;

  void take(const Reading& reading);
  void answered(std::uint64_t number, const attendance::TapResult& result);
  // What follows an answer (station_flows.cpp).
  bool may_be_asked(bool alone, const attendance::TapResult& result) const;
  bool follow(const protocol::Tap& tap, bool alone, const attendance::TapResult& result);
  boost::asio::awaitable<void> after_answer(protocol::Tap tap, attendance::TapResult result,
                                            bool may_be_asked);
  screens::Moved moved_of(const attendance::TapResult& result) const;
  attendance::TurnRequest turn_of(const protocol::Tap& tap,
                                  const attendance::TapResult& result) const;
  boost::asio::awaitable<flows::OtherWay> offer_other_way(PageKiosk& kiosk,
                                                          const protocol::Tap& tap,
                                                          const attendance::TapResult& result);
  boost::asio::awaitable<void> offer_assessment(PageKiosk& kiosk, const protocol::Tap& tap,
                                                const attendance::TapResult& result);
  // Signing (station_signing.cpp).
  attendance::SigningForms signing_forms(protocol::ReadingKind kind) const;
  bool may_sign(const protocol::Tap& tap, const attendance::TapResult& result) const;
  halfdays::OwnTap own_tap(const protocol::Tap& tap, const attendance::TapResult& result) const;
  std::optional<std::string> asked_for_card();
  void heard_of_card(const protocol::Tap& tap, Clock::time_point taken,
                     const attendance::TapResult& result);
  boost::asio::awaitable<flows::SigningEnd> offer_signing(PageKiosk& kiosk,
                                                          const protocol::Tap& tap,
                                                          const attendance::TapResult& result);
  void ask_for_code();
  void typed(const std::string& choice);
  // The card behind a tap (station_cards.cpp).
  cards::CardVisits::Hooks card_hooks();
  void submit(const cards::LiveTap& live, const attendance::CardProof& proof);
  void ask(const protocol::ApduRequest& request);
  boost::asio::awaitable<void> exchange(protocol::ApduRequest request);
  void keep_time();

  void show_answer(Page page);
  void refresh();  // shows what is to be shown now, if it is something else
  Page page_at_rest() const;
  // The site's languages, the one to speak first.
  std::vector<std::string> languages(const std::string& first) const;
  // The language chosen at the page, else the person's.
  const std::string& spoken_to(const attendance::TapResult& result) const {
    return language_.empty() ? result.language : language_;
  }
  void keep_language();

  const boost::asio::any_io_executor reactor_;
  const Services& services_;
  const config::Reader& reader_;
  const std::function<void()> changed_;
  const std::vector<std::string> languages_;

  bool working_ = false;
  std::string what_;
  std::int64_t last_worked_ms_ = 0;
  std::uint64_t taps_ = 0;
  hal::Debounce debounce_;
  readers::LineReading last_line_;
  Clock::time_point last_line_at_{};

  // Of this run of the daemon (docs/decisions/0012-a-station-has-an-epoch-for-each-run.md).
  const protocol::StorageEpoch epoch_;
  std::uint64_t next_number_ = 1;
  std::map<std::uint64_t, std::shared_ptr<InFlight>> in_flight_;  // by number
  Clock::time_point last_tap_{};

  readers::Reader* reader_of_cards_ = nullptr;
  bool talks_ = false;       // the card in sight exchanges APDUs
  bool exchanging_ = false;  // the reader has not answered yet
  cards::CardVisits visits_;
  boost::asio::steady_timer visit_over_;

  const std::string run_;  // begins the names of screens: those of another run fit none
  std::uint64_t screens_ = 0;
  std::string screen_;
  Page shown_;
  std::optional<Page> answer_;
  std::optional<Page> flow_page_;
  std::string language_;  // chosen at the page; "" = none
  bool typing_ = false;   // somebody types a code
  boost::asio::steady_timer answer_over_;
  boost::asio::steady_timer language_over_;
  boost::asio::steady_timer typing_over_;
  const std::shared_ptr<http::EventSource> stream_ = std::make_shared<http::EventSource>();

  PageKiosk* kiosk_ = nullptr;  // while a flow has the page
  std::string signer_;          // who is asked to sign there
  std::size_t flows_ = 0;       // that have not ended
  flows::Signal flow_over_;
  bool stopping_ = false;
  flows::Signal idle_;
};

}  // namespace rollcall::stations
