// Batches made from the checked-in examples, and a ledger in a folder of its own.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/casesim/ledger.hpp"

namespace rollcall::casesim {

using nlohmann::json;

inline const std::string site = "brussels-centre";
inline const std::string epoch_a = "aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa";
inline const std::string epoch_b = "bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb";

inline std::string api_dir() {
  return std::string(ROLLCALL_SOURCE_DIR) + "/docs/api";
}

inline const Schemas& schemas() {
  static const Schemas loaded = [] {
    auto result = Schemas::load(api_dir());
    if (!result) throw std::runtime_error(result.error());
    return std::move(*result);
  }();
  return loaded;
}

inline json example(const std::string& name) {
  std::ifstream in(api_dir() + "/examples/" + name);
  return json::parse(in);
}

// A UUID that says where it comes from: kind and number.
inline std::string uuid(char kind, std::int64_t number) {
  const std::string digits = std::to_string(number);
  return std::string(8, kind) + "-0000-4000-8000-" + std::string(12 - digits.size(), '0') + digits;
}

inline std::string padded(std::int64_t sequence) {
  const std::string digits = std::to_string(sequence);
  return std::string(20 - digits.size(), '0') + digits;
}

// A valid tap.recorded; its id follows from `number` alone.
inline json event(std::int64_t sequence, std::int64_t number, const std::string& epoch = epoch_a) {
  json made = example("tap.recorded.v1.json");
  made["id"] = uuid('e', number);
  made["sequence"] = padded(sequence);
  made["logepoch"] = epoch;
  return made;
}
inline json event(std::int64_t sequence) {
  return event(sequence, sequence);
}

inline json batch(std::int64_t number, const std::vector<json>& events) {
  return {{"batch", uuid('b', number)},
          {"site", site},
          {"range",
           {{"epoch", events.front()["logepoch"]},
            {"first", std::stoll(events.front()["sequence"].get<std::string>())},
            {"last", std::stoll(events.back()["sequence"].get<std::string>())}}},
          {"events", events},
          {"checkpoint", nullptr}};
}

// Events `first` to `last`, each with its sequence as its number.
inline json batch_of(std::int64_t number, std::int64_t first, std::int64_t last) {
  std::vector<json> events;
  for (auto sequence = first; sequence <= last; ++sequence) events.push_back(event(sequence));
  return batch(number, events);
}

class LedgerTest : public testing::Test {
 protected:
  LedgerTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "casesim-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
    reopen();
  }
  ~LedgerTest() override {
    ledger_.reset();
    std::filesystem::remove_all(folder_);
  }

  // As after a restart of the program.
  void reopen(bool discard = false) {
    ledger_.reset();
    ledger_ = std::make_unique<Ledger>(
        folder_ + "/casesim.db", schemas(), rejected_people_,
        LedgerOptions{.discard = discard, .now_ms = [this] { return ++now_ms_; }});
  }

  std::expected<std::string, Problem> submit(const json& body) { return submit_text(body.dump()); }

  // The digest stands for the bytes: here simply their text.
  std::expected<std::string, Problem> submit_text(const std::string& text) {
    const json body = json::parse(text, nullptr, false);
    const std::string key = body.is_object() ? body.value("batch", uuid('b', 0)) : uuid('b', 0);
    return ledger_->submit({site, key, store::Blob(text.begin(), text.end()), text});
  }

  // The receipt of a batch that must be answered with one.
  json receipt(const json& body) {
    const auto answer = submit(body);
    EXPECT_TRUE(answer.has_value()) << (answer ? "" : to_json(answer.error()));
    if (!answer) return json::object();
    json parsed = json::parse(*answer);
    EXPECT_EQ(schemas().fault("receipt.json", parsed), std::nullopt);
    return parsed;
  }

  // The name of the problem of a batch that must be refused.
  std::string problem(const json& body) {
    const auto answer = submit(body);
    EXPECT_FALSE(answer.has_value());
    if (answer) return "";
    EXPECT_EQ(schemas().fault("problem.json", json::parse(to_json(answer.error()))), std::nullopt);
    return answer.error().name;
  }

  json state() { return json::parse(ledger_->state(site)); }

  void reject(const std::string& people) {
    const std::string file = folder_ + "/people";
    std::ofstream(file) << people;
    auto list = PersonList::open(file);
    ASSERT_TRUE(list);
    rejected_people_ = std::move(*list);
  }

  std::string folder_;
  std::int64_t now_ms_ = 1'770'000'000'000;
  PersonList rejected_people_;
  std::unique_ptr<Ledger> ledger_;
};

inline std::vector<std::string> ids(const json& list) {
  std::vector<std::string> found;
  for (const json& entry : list) found.push_back(entry.is_string() ? entry : entry["id"]);
  return found;
}

}  // namespace rollcall::casesim
