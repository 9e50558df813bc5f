#include "tests/casesim/faults.hpp"

#include <nlohmann/json.hpp>

namespace rollcall::casesim {
namespace {

constexpr std::string_view stranger = "00000000-0000-4000-8000-000000000000";

}  // namespace

Fault Faults::draw(bool delivers) {
  // One number per fault and request whatever the rates are: changing one rate moves no other
  // fault.
  const bool fail = uniform() < rates_.fail;
  const bool busy = uniform() < rates_.busy;
  const bool drop = uniform() < rates_.drop_after_commit;
  const bool wrong = uniform() < rates_.wrong_receipt;
  if (fail) {
    ++counts_.failed;
    return Fault::fail;
  }
  if (busy) {
    ++counts_.busy;
    return Fault::busy;
  }
  if (delivers && drop) {
    ++counts_.dropped;
    return Fault::drop_after_commit;
  }
  if (delivers && wrong) {
    ++counts_.wrong_receipts;
    return Fault::wrong_receipt;
  }
  return Fault::none;
}

std::string Faults::spoil(std::string_view receipt) {
  auto body = nlohmann::json::parse(receipt);
  auto& accepted = body["accepted"];
  auto& rejected = body["rejected"];
  switch (std::uniform_int_distribution<int>(0, 4)(random_)) {
    case 0:  // one id is missing
      if (!accepted.empty()) {
        accepted.erase(accepted.size() - 1);
      } else {
        rejected.erase(rejected.size() - 1);
      }
      break;
    case 1:  // one id too many
      accepted.push_back(stranger);
      break;
    case 2:  // the receipt of another batch
      accepted = {stranger};
      rejected = nlohmann::json::array();
      break;
    case 3:  // cut short
      return std::string(receipt.substr(0, receipt.size() / 2));
    default:  // another shape
      return R"({"receipt":null,"accepted":"all"})";
  }
  return body.dump();
}

}  // namespace rollcall::casesim
