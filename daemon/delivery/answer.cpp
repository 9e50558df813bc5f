#include "daemon/delivery/answer.hpp"

#include <algorithm>
#include <set>

#include <nlohmann/json.hpp>

#include "daemon/delivery/backoff.hpp"

namespace rollcall::delivery {
namespace {

using nlohmann::json;

constexpr std::size_t longest_detail = 500;

std::string text_member(const json& object, const char* name) {
  const auto member = object.find(name);
  return member != object.end() && member->is_string() ? member->get<std::string>() : "";
}

std::optional<std::int64_t> integer_member(const json& object, const char* name) {
  const auto member = object.find(name);
  if (member == object.end() || !member->is_number_integer()) return std::nullopt;
  return member->get<std::int64_t>();
}

TryAgain disbelieve(std::string why) {
  return TryAgain{"the receipt cannot be believed: " + std::move(why), true, false, std::nullopt};
}

std::variant<Receipt, TryAgain> read_receipt(std::string_view body,
                                             const std::vector<std::string>& event_ids) {
  const json receipt = json::parse(body, nullptr, false);
  if (!receipt.is_object()) return disbelieve("it is not a JSON object");
  const auto accepted = receipt.find("accepted");
  const auto rejected = receipt.find("rejected");
  const auto checkpoint = receipt.find("checkpoint");
  Receipt result;
  result.id = text_member(receipt, "receipt");
  if (result.id.empty() || result.id.size() > 200) return disbelieve("it has no id");
  if (accepted == receipt.end() || !accepted->is_array()) return disbelieve("it lacks 'accepted'");
  if (rejected == receipt.end() || !rejected->is_array()) return disbelieve("it lacks 'rejected'");
  if (checkpoint == receipt.end() || !checkpoint->is_null()) {
    return disbelieve("its checkpoint is not that of the batch");
  }

  std::set<std::string_view> open(event_ids.begin(), event_ids.end());
  for (const json& id : *accepted) {
    if (!id.is_string() || open.erase(id.get_ref<const std::string&>()) == 0) {
      return disbelieve("it accepts an event that was not sent, or one twice");
    }
    ++result.accepted;
  }
  for (const json& entry : *rejected) {
    if (!entry.is_object()) return disbelieve("a rejection is not an object");
    Rejection rejection{text_member(entry, "id"), text_member(entry, "type"),
                        text_member(entry, "detail").substr(0, longest_detail)};
    if (open.erase(rejection.event_id) == 0) {
      return disbelieve("it rejects an event that was not sent, or one twice");
    }
    if (std::ranges::find(rejection_reasons, rejection.reason) == rejection_reasons.end()) {
      return disbelieve("it rejects for a reason that is not in the contract");
    }
    result.rejected.push_back(std::move(rejection));
  }
  if (!open.empty()) {
    return disbelieve("it says nothing about " + std::to_string(open.size()) + " events");
  }
  return result;
}

std::string problem_text(unsigned status, const json& problem) {
  std::string text = "the case system answered " + std::to_string(status);
  for (const char* member : {"title", "detail"}) {
    const std::string part = problem.is_object() ? text_member(problem, member) : "";
    if (!part.empty()) text += ": " + part.substr(0, longest_detail);
  }
  return text;
}

}  // namespace

std::optional<std::variant<TryAgain, Refused>> failure_of(const RawAnswer& raw,
                                                          std::int64_t now_ms) {
  if (raw.status == 200) return std::nullopt;
  const std::string why = problem_text(raw.status, json::parse(raw.body, nullptr, false));
  if (raw.status == 408 || raw.status == 429 || raw.status >= 500) {
    return TryAgain{why, false, raw.status == 429 || raw.status == 503,
                    parse_retry_after(raw.retry_after, now_ms)};
  }
  return Refused{why};
}

Answer understand(const RawAnswer& raw, const std::vector<std::string>& event_ids,
                  std::int64_t now_ms) {
  if (raw.status == 200) {
    auto receipt = read_receipt(raw.body, event_ids);
    if (auto* good = std::get_if<Receipt>(&receipt)) return std::move(*good);
    return std::get<TryAgain>(std::move(receipt));
  }
  if (raw.status == 413) return Split{};
  const json problem = json::parse(raw.body, nullptr, false);
  if (raw.status == 422) return KeyReused{};
  if (raw.status == 409 && problem.is_object()) {
    const std::string type = text_member(problem, "type");
    const std::string epoch = text_member(problem, "epoch");
    const auto sequence = integer_member(problem, "sequence");
    const auto expected = integer_member(problem, "expected");
    if (type == "urn:rollcall:problem:fork" && !epoch.empty() && sequence && *sequence > 0) {
      return Fork{epoch, *sequence, text_member(problem, "event")};
    }
    if (type == "urn:rollcall:problem:gap" && !epoch.empty() && expected && *expected > 0) {
      return Gap{epoch, *expected};
    }
  }
  return std::visit([](auto failure) -> Answer { return failure; }, *failure_of(raw, now_ms));
}

}  // namespace rollcall::delivery
