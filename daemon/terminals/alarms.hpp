// Security events of the links: one at the first time, repeats within an hour counted in the next,
// so that nobody can fill the log by calling again and again.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>

#include "daemon/attendance/recorder.hpp"
#include "daemon/config/config.hpp"
#include "daemon/store/writer.hpp"

namespace rollcall::terminals {

// Values of `cause` in security.link_refused.
namespace cause {
inline constexpr const char* handshake = "handshake";
inline constexpr const char* tag = "tag";
inline constexpr const char* version = "version";
inline constexpr const char* malformed = "malformed";
inline constexpr const char* flood = "flood";
}  // namespace cause

// Reactor thread only.
class Alarms {
 public:
  static constexpr std::chrono::hours repeats_within{1};
  static constexpr std::size_t max_kinds = 256;  // more different ones than this are only counted

  // All outlive this; `now` is called here.
  Alarms(store::Writer& writer, const config::Site& site, std::function<attendance::HostTime()> now)
      : writer_(writer), site_(site), now_(std::move(now)) {}

  struct Source {
    std::string serial;  // as it called itself; "" = it did not
    std::string room;    // "" = none known
    std::string link;    // tcp, unix
  };
  // security.link_refused
  void link_refused(const Source& source, const char* cause);
  // security.unknown_terminal; without a serial nothing is written.
  void unknown_terminal(const Source& source);

  // Writes what was counted and not yet told; `all`: however new it is, as at the end.
  void flush(bool all);

  std::uint64_t raised() const { return raised_; }

 private:
  using Kind = std::tuple<std::string, std::string, std::string, std::string>;  // type, cause, ...
  struct Repeats {
    Source source;
    std::uint64_t count = 0;  // not told yet
    std::optional<std::int64_t> since_ms;
    std::chrono::steady_clock::time_point told{};
  };
  void raise(const char* type, const char* cause, const Source& source);
  void write(const Kind& kind, Repeats& repeats);

  store::Writer& writer_;
  const config::Site& site_;
  std::function<attendance::HostTime()> now_;
  std::map<Kind, Repeats> kinds_;
  std::uint64_t raised_ = 0;
};

}  // namespace rollcall::terminals
