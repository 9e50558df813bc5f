#include "daemon/cards/card_sign_ins.hpp"

#include <algorithm>
#include <utility>

namespace rollcall::cards {

CardSignIns::Opened CardSignIns::open(std::string ticket, std::string account, std::string person,
                                      Moment now) {
  std::erase_if(waits_, [&](const Wait& wait) { return wait.until <= now; });
  if (std::ranges::find(waits_, person, &Wait::person) != waits_.end()) return Opened::by_another;
  if (waits_.size() >= most_waits) return Opened::full;
  waits_.push_back({std::move(ticket), std::move(account), std::move(person), now + window_time});
  return Opened::yes;
}

const CardSignIns::Wait* CardSignIns::find(std::string_view ticket, Moment now) const {
  const auto found = std::ranges::find(waits_, ticket, &Wait::ticket);
  return found == waits_.end() || found->until <= now ? nullptr : &*found;
}

void CardSignIns::end(std::string_view ticket) {
  std::erase_if(waits_, [&](const Wait& wait) { return wait.ticket == ticket; });
}

void CardSignIns::end_of_account(std::string_view account) {
  std::erase_if(waits_, [&](const Wait& wait) { return wait.account == account; });
}

bool CardSignIns::shown(std::string_view reader, std::string_view person, Moment now) {
  if (std::ranges::find(readers_, reader) == readers_.end()) return false;
  const auto wait = std::ranges::find(waits_, person, &Wait::person);
  if (wait == waits_.end() || wait->until <= now || wait->shown) return false;
  wait->shown = true;
  wait->until = std::max(wait->until, now + pick_up_time);
  return true;
}

}  // namespace rollcall::cards
