// The made-up site played into a database by the daemon's own code: rosters by `roster::apply`,
// taps by the recorder, movements by `record_assisted`, and what waits is settled every night.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "daemon/attendance/recorder.hpp"
#include "daemon/config/config.hpp"
#include "daemon/roster/records.hpp"
#include "daemon/store/database.hpp"
#include "daemon/store/writer.hpp"
#include "tests/year/generator.hpp"

namespace rollcall::year {

config::Config config_of();

class Played {
 public:
  // Plays all of it into the migrated database at `path`; what one tap needs stays open.
  Played(const Site& site, const std::string& path);

  // What was seen of a person on a day, as the reference is told it: what nobody could say when it
  // was and what staff could not state are not among it.
  const std::vector<Seen>& seen(std::size_t person, Day day) const;

  // Once more takes a tap that the host had not yet, and waits until it is durable.
  attendance::TapResult take(const Deed& deed);
  // Settles all that is due; as the daemon does every ten seconds.
  void settle(Ms now);

  store::Writer& writer() { return writer_; }

 private:
  void enrol_terminals();
  void read_roster(Day day);
  void state(const Deed& deed);
  attendance::TapReport report_of(const Deed& deed) const;
  void at(Ms now);

  const Site& site_;
  config::Config config_ = config_of();
  crypto::Key key_{7};
  attendance::HostTime host_;  // of the writer thread
  store::Writer writer_;
  attendance::Recorder recorder_;
  std::map<std::pair<std::size_t, Day>, std::vector<Seen>> seen_;
};

// What the roster says on that day.
roster::Reading reading_of(const Site& site, Day day);

}  // namespace rollcall::year
