// Sign-in sessions in memory, by the digest of their secret. Time is passed in and monotonic: a
// clock that is set ends nobody's session and makes none longer.
#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "daemon/accounts/attempts.hpp"
#include "protocol/crypto/crypto.hpp"

namespace rollcall::accounts {

inline constexpr std::chrono::minutes session_idle{30};  // without a request of the person
inline constexpr std::chrono::hours session_longest{12};
inline constexpr std::size_t most_sessions = 512;

struct Session {
  std::string account;
  Moment begun;
  Moment used;
  Moment stored;  // `used` as the database has it
};

// When it ends if nothing more is asked in it.
Moment end_of(const Session& session);

class Sessions {
 public:
  // When there are too many, the one unused longest ends.
  void add(const crypto::Digest& digest, Session session);
  // Nothing when there is none, or no longer.
  const Session* find(const crypto::Digest& digest, Moment now) const;
  // Notes that the person has asked something. Whether the database should know: at most once a
  // minute.
  bool touch(const crypto::Digest& digest, Moment now);
  void end(const crypto::Digest& digest);
  void end_all_of(const std::string& account);
  // Takes out what has ended; their digests.
  std::vector<crypto::Digest> expire(Moment now);
  std::size_t size() const { return sessions_.size(); }

 private:
  std::map<crypto::Digest, Session> sessions_;
};

}  // namespace rollcall::accounts
