#include "daemon/events/contract.hpp"

#include <algorithm>

namespace rollcall::events {
namespace {

constexpr std::size_t longest_id = 64;
constexpr std::size_t longest_label = 100;
constexpr std::size_t longest_sentence = 300;

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_id(std::string_view text, std::string_view also) {
  if (text.empty() || text.size() > longest_id || !is_letter_or_digit(text.front())) return false;
  return std::ranges::all_of(text, [also](char c) {
    return is_letter_or_digit(c) || also.find(c) != std::string_view::npos;
  });
}

}  // namespace

bool is_pseudonym(std::string_view text) {
  return is_id(text, "_.:-");
}
bool is_code(std::string_view text) {
  return is_id(text, "_.:/+-");
}
bool is_actor(std::string_view text) {
  return is_id(text, "_.:@-");
}
bool is_label(std::string_view text) {
  return !text.empty() && text.size() <= longest_label;
}
bool is_sentence(std::string_view text) {
  return !text.empty() && text.size() <= longest_sentence;
}

}  // namespace rollcall::events
