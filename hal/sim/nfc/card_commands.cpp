#include "hal/sim/nfc/card_commands.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <ranges>

#include "hal/sim/nfc/desfire_ev1.hpp"
#include "hal/sim/nfc/simple_cards.hpp"

namespace rollcall::hal::sim {
namespace {

constexpr std::string_view kinds = "uid, ntag, desfire, bank, phone or wallet";
constexpr std::string_view faults =
    "pulled N, mute, mute N, nack, checksum, garbage HEX, cut N or none";

std::optional<std::size_t> number(const std::string& text) {
  std::size_t value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, problem] = std::from_chars(text.data(), end, value);
  if (problem != std::errc() || stop != end) return std::nullopt;
  return value;
}

std::optional<ByteVector> bytes(const std::string& text) {
  if (text.empty() || text.size() % 2 != 0) return std::nullopt;
  ByteVector out;
  for (std::size_t at = 0; at < text.size(); at += 2) {
    std::uint8_t byte = 0;
    const char* end = text.data() + at + 2;
    const auto [stop, problem] = std::from_chars(text.data() + at, end, byte, 16);
    if (problem != std::errc() || stop != end) return std::nullopt;
    out.push_back(byte);
  }
  return out;
}

std::unexpected<std::string> wrong(std::string sentence) {
  return std::unexpected(std::move(sentence));
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

}  // namespace

std::string CardCommands::execute(std::string_view line) {
  Words words;
  for (const auto part : lower(line) | std::views::split(' ')) {
    std::string word(part.begin(), part.end());
    std::erase(word, '\r');
    if (!word.empty()) words.push_back(std::move(word));
  }
  const Result result = run(words);
  if (!result) return "ERROR " + result.error();
  return result->empty() ? "OK" : "OK " + *result;
}

CardCommands::Result CardCommands::run(const Words& words) {
  const std::string command = words.empty() ? "" : words[0];
  if (command == "place") return place(words);
  if (command == "remove") return remove(words);
  if (command == "list") return list();
  if (command == "fault") return fault(words);
  if (command == "power" && words.size() == 1) {
    chip_.power_cycle();
    return {};
  }
  return wrong("the commands are place, remove, list, fault and power");
}

CardCommands::Result CardCommands::place(const Words& words) {
  if (words.size() < 2 || words.size() > 4)
    return wrong("say which card: place KIND [UID [WORD]], where KIND is " + std::string(kinds));
  std::string name = words[1];
  for (const std::string& more : words | std::views::drop(2)) name += " " + more;
  auto found = std::ranges::find(known_, name, &Known::name);
  if (found == known_.end()) {
    auto card = make(words);
    if (!card) return std::unexpected(card.error());
    found = known_.insert(known_.end(), {name, std::move(*card)});
  }
  if (chip_.field().holds(*found->card)) return wrong(name + " is in the field already");
  chip_.field().place(*found->card);
  return {};
}

std::expected<std::unique_ptr<VirtualCard>, std::string> CardCommands::make(const Words& words) {
  const std::string& kind = words[1];
  if (kind == "phone" || kind == "wallet") {
    if (words.size() > 2) return wrong("a phone draws its number itself");
    return std::make_unique<PaymentCard>(entropy_, kind == "wallet");
  }
  if (kind != "uid" && kind != "ntag" && kind != "desfire" && kind != "bank")
    return wrong("\"" + kind + "\" is no kind of card; kinds are " + std::string(kinds));
  const auto uid = bytes(words.size() > 2 ? words[2] : "");
  if (!uid || (uid->size() != 4 && uid->size() != 7 && uid->size() != 10))
    return wrong("a chip number has 4, 7 or 10 bytes, written in hex");
  if (kind == "uid") return std::make_unique<PlainCard>(*uid);
  if (kind == "bank") return std::make_unique<PaymentCard>(*uid);
  if (uid->size() != 7) return wrong("the chip number of this kind has 7 bytes");
  if (kind == "ntag") return std::make_unique<Ntag213>(*uid);
  return std::make_unique<DesfireEv1>(*uid, entropy_);
}

// One card by the name it was placed under, or by its number alone; without a name all.
CardCommands::Result CardCommands::remove(const Words& words) {
  if (words.size() == 1) {
    chip_.field().clear();
    return {};
  }
  const std::string& last = words.back();
  for (const Known& known : known_) {
    if (chip_.field().holds(*known.card) &&
        (known.name == last || known.name.ends_with(" " + last))) {
      chip_.field().take_away(*known.card);
      return {};
    }
  }
  return wrong("no such card is in the field");
}

CardCommands::Result CardCommands::list() const {
  std::string out;
  for (const Known& known : known_) {
    if (!chip_.field().holds(*known.card)) continue;
    out += (out.empty() ? "" : ", ") + known.name;
  }
  return out.empty() ? "nothing" : out;
}

CardCommands::Result CardCommands::fault(const Words& words) {
  const std::string kind = words.size() > 1 ? words[1] : "";
  const std::string value = words.size() > 2 ? words[2] : "";
  if (kind == "mute" && value.empty()) {
    chip_.set_mute(true);
  } else if (kind == "nack") {
    chip_.refuse_next();
  } else if (kind == "checksum") {
    chip_.spoil_next_checksum();
  } else if (const auto garbage = bytes(value); kind == "garbage" && garbage) {
    chip_.disturb_next(*garbage);
  } else if (const auto count = number(value); kind == "pulled" && count) {
    chip_.field().pull_after(count);
  } else if (kind == "mute" && count) {
    chip_.mute_after(*count);
  } else if (kind == "cut" && count) {
    chip_.cut_next(*count);
  } else if (kind == "none") {
    chip_.clear_faults();
  } else {
    return wrong("the faults are " + std::string(faults));
  }
  return {};
}

}  // namespace rollcall::hal::sim
