#include "daemon/attendance/code.hpp"

#include <array>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "daemon/attendance/desk_deed.hpp"
#include "daemon/attendance/local_time.hpp"
#include "daemon/events/json.hpp"

namespace rollcall::attendance {
namespace {

using json = nlohmann::ordered_json;

constexpr std::int64_t minute_ms = 60'000;
constexpr int minutes_of_day = 24 * 60;
constexpr int most_draws = 100;  // until a code is free

constexpr std::array<std::pair<CodeKind, std::string_view>, 3> kinds{
    {{CodeKind::lasting, "lasting"}, {CodeKind::day, "day"}, {CodeKind::once, "once"}}};

// At a moment, bound twice. What was withdrawn later was good then.
constexpr const char* in_force =
    " used_ms IS NULL AND (withdrawn_ms IS NULL OR withdrawn_ms > ?)"
    " AND (expires_ms IS NULL OR expires_ms > ?)";

// The end of the local day, also of one on which clocks are changed.
std::int64_t tonight(const TimeZone& zone, std::int64_t now_ms) {
  const LocalTime now = zone.at(now_ms);
  const std::int64_t guess =
      now_ms - now_ms % minute_ms + std::int64_t{minutes_of_day - now.minute} * minute_ms;
  const LocalTime then = zone.at(guess);
  if (then.day == now.day) return guess + std::int64_t{minutes_of_day - then.minute} * minute_ms;
  return guess - std::int64_t{then.minute} * minute_ms;
}

CardToken token_of(const crypto::Key& card_key, std::string_view digits) {
  return card_token(card_key, protocol::ReadingKind::code,
                    {reinterpret_cast<const std::uint8_t*>(digits.data()), digits.size()});
}

bool is_taken(store::Database& db, const CardToken& token) {
  return db.prepare("SELECT 1 FROM code WHERE token = ?").bind(token).step();
}

json common(const config::Config& config, const CardToken& token) {
  return {{"organisation", config.site.organisation},
          {"site", config.site.id},
          {"room", nullptr},
          {"terminal", nullptr},
          {"code", events::hex(token)}};
}

struct InForce {
  CardToken token{};
  CodeKind kind = CodeKind::lasting;
};

std::vector<InForce> codes_in_force(store::Database& db, const std::string& person,
                                    std::int64_t now_ms) {
  std::vector<InForce> all;
  auto row = db.prepare(std::string("SELECT token, kind FROM code WHERE person = ? AND") +
                        in_force + " ORDER BY issued_ms");
  row.bind(person, now_ms, now_ms);
  while (row.step())
    all.push_back({row.fixed<32>(0), code_kind_from(row.text_view(1)).value_or(CodeKind::lasting)});
  return all;
}

void withdraw(store::Database& db, const config::Config& config, const std::string& person,
              const InForce& code, const std::string& actor, const std::string& reason,
              const events::TimeBlock& now) {
  db.prepare("UPDATE code SET withdrawn_ms = ? WHERE token = ?")
      .bind(now.wall_ms.value_or(0), code.token)
      .run();
  json data = common(config, code.token);
  data.update({{"kind", to_text(code.kind)},
               {"reason", reason},
               {"actor", actor},
               {"time", events::to_json(now)}});
  append_deed(db, "code.withdrawn", person, data.dump(), now);
}

std::expected<void, std::string> check(store::Database& db, const std::string& person,
                                       const std::string& actor, const std::string& reason) {
  if (auto sound = check_deed(actor, reason); !sound) return sound;
  if (!person_by_id(db, person)) return std::unexpected("nobody here has the id " + person);
  return {};
}

}  // namespace

std::string_view to_text(CodeKind kind) {
  for (const auto& [one, text] : kinds)
    if (one == kind) return text;
  return "lasting";
}

std::optional<CodeKind> code_kind_from(std::string_view text) {
  for (const auto& [kind, name] : kinds)
    if (name == text) return kind;
  return std::nullopt;
}

std::expected<NewCode, std::string> issue_code(store::Database& db, const config::Config& config,
                                               const crypto::Key& card_key, const CodeWish& wish,
                                               const events::TimeBlock& now,
                                               const std::function<int()>& digit) {
  if (auto sound = check(db, wish.person, wish.actor, wish.reason); !sound)
    return std::unexpected(sound.error());
  const std::int64_t now_ms = now.wall_ms.value_or(0);
  NewCode code;
  CardToken token{};
  int draws = 0;
  do {
    if (++draws > most_draws) return std::unexpected("no free code was found");
    code.digits.clear();
    for (std::size_t i = 0; i < code_digits; ++i)
      code.digits.push_back(static_cast<char>('0' + digit()));
    token = token_of(card_key, code.digits);
  } while (is_taken(db, token));

  if (wish.kind == CodeKind::lasting) {
    for (const InForce& older : codes_in_force(db, wish.person, now_ms)) {
      if (older.kind == CodeKind::lasting)
        withdraw(db, config, wish.person, older, wish.actor, wish.reason, now);
    }
  } else {
    code.expires_ms = tonight(TimeZone(config.site.timezone), now_ms);
  }
  db.prepare("INSERT INTO code (token, person, kind, issued_ms, expires_ms) VALUES (?, ?, ?, ?, ?)")
      .bind(token, wish.person, to_text(wish.kind), now_ms, code.expires_ms)
      .run();
  json data = common(config, token);
  data.update({{"kind", to_text(wish.kind)},
               {"expires", code.expires_ms ? json(events::rfc3339(*code.expires_ms)) : json()},
               {"reason", wish.reason},
               {"actor", wish.actor},
               {"time", events::to_json(now)}});
  append_deed(db, "code.issued", wish.person, data.dump(), now);
  return code;
}

std::expected<int, std::string> withdraw_codes(store::Database& db, const config::Config& config,
                                               const std::string& person, const std::string& actor,
                                               const std::string& reason,
                                               const events::TimeBlock& now) {
  if (auto sound = check(db, person, actor, reason); !sound) return std::unexpected(sound.error());
  const auto codes = codes_in_force(db, person, now.wall_ms.value_or(0));
  if (codes.empty()) return std::unexpected(person + " has no code in force");
  for (const InForce& code : codes) withdraw(db, config, person, code, actor, reason, now);
  return static_cast<int>(codes.size());
}

std::optional<Person> person_of_code(store::Database& db, const CardToken& token,
                                     std::int64_t at_ms) {
  std::string person;
  {
    auto row = db.prepare(std::string("SELECT person FROM code WHERE token = ? AND") + in_force);
    if (!row.bind(token, at_ms, at_ms).step()) return std::nullopt;
    person = row.text(0);
  }
  return person_by_id(db, person);
}

void code_used(store::Database& db, const CardToken& token, std::int64_t at_ms) {
  db.prepare("UPDATE code SET used_ms = ? WHERE token = ? AND kind = 'once'")
      .bind(at_ms, token)
      .run();
}

}  // namespace rollcall::attendance
