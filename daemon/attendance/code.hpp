// Codes: digits that a person types, or shows as a QR code, in place of a card. Beside the card,
// never instead of it: whoever has seen a code can use it. Only its keyed hash is kept. Thread: the
// writer.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "daemon/attendance/card_token.hpp"
#include "daemon/attendance/facts.hpp"
#include "daemon/config/config.hpp"
#include "daemon/events/event.hpp"
#include "daemon/store/database.hpp"

namespace rollcall::attendance {

// Of every code. Among 1 000 people's, five tries a minute find one by an even chance in ten days
// without a break; staff are told after the first five.
inline constexpr std::size_t code_digits = 8;

enum class CodeKind : std::uint8_t {
  lasting,  // until it is withdrawn; a person has one
  day,      // until tonight, as often as wanted: somebody forgot the card
  once,     // until tonight, for one tap
};
std::string_view to_text(CodeKind kind);
std::optional<CodeKind> code_kind_from(std::string_view text);

struct CodeWish {
  std::string person;
  CodeKind kind = CodeKind::lasting;
  std::string actor;
  std::string reason;
};

struct NewCode {
  std::string digits;                      // told once, and kept nowhere
  std::optional<std::int64_t> expires_ms;  // Unix ms; nothing = until it is withdrawn
};

// Event code.issued, and code.withdrawn of the lasting one that it takes the place of. `digit`: a
// random number from 0 to 9. A clause when nothing was changed.
std::expected<NewCode, std::string> issue_code(store::Database& db, const config::Config& config,
                                               const crypto::Key& card_key, const CodeWish& wish,
                                               const events::TimeBlock& now,
                                               const std::function<int()>& digit);

// Every code of this person that is in force; event code.withdrawn of each. How many; a clause when
// nothing was changed.
std::expected<int, std::string> withdraw_codes(store::Database& db, const config::Config& config,
                                               const std::string& person, const std::string& actor,
                                               const std::string& reason,
                                               const events::TimeBlock& now);

// Whose code it is at that moment; nobody's when it is unknown, withdrawn, expired or used up.
std::optional<Person> person_of_code(store::Database& db, const CardToken& token,
                                     std::int64_t at_ms);
// A tap with it was accepted: one that is for one tap is used up.
void code_used(store::Database& db, const CardToken& token, std::int64_t at_ms);

}  // namespace rollcall::attendance
