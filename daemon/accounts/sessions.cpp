#include "daemon/accounts/sessions.hpp"

#include <algorithm>

namespace rollcall::accounts {
namespace {

constexpr std::chrono::minutes store_every{1};

}  // namespace

Moment end_of(const Session& session) {
  return std::min<Moment>(session.begun + session_longest, session.used + session_idle);
}

void Sessions::add(const crypto::Digest& digest, Session session) {
  sessions_.insert_or_assign(digest, std::move(session));
  if (sessions_.size() <= most_sessions) return;
  sessions_.erase(
      std::ranges::min_element(sessions_, {}, [](const auto& one) { return one.second.used; }));
}

const Session* Sessions::find(const crypto::Digest& digest, Moment now) const {
  const auto found = sessions_.find(digest);
  return found == sessions_.end() || now >= end_of(found->second) ? nullptr : &found->second;
}

bool Sessions::touch(const crypto::Digest& digest, Moment now) {
  const auto found = sessions_.find(digest);
  if (found == sessions_.end()) return false;
  found->second.used = now;
  if (now - found->second.stored < store_every) return false;
  found->second.stored = now;
  return true;
}

void Sessions::end(const crypto::Digest& digest) {
  sessions_.erase(digest);
}

void Sessions::end_all_of(const std::string& account) {
  std::erase_if(sessions_, [&](const auto& one) { return one.second.account == account; });
}

std::vector<crypto::Digest> Sessions::expire(Moment now) {
  std::vector<crypto::Digest> ended;
  for (const auto& [digest, session] : sessions_)
    if (now >= end_of(session)) ended.push_back(digest);
  for (const crypto::Digest& digest : ended) sessions_.erase(digest);
  return ended;
}

}  // namespace rollcall::accounts
