// The JSON Schema of instruments and the daemon's own check say the same.
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validator.hpp>

#include "daemon/assessments/instrument.hpp"
#include "tests/unit/daemon/assessments/example.hpp"

namespace rollcall::assessments {
namespace {

using nlohmann::json;
using Adapter = valijson::adapters::NlohmannJsonAdapter;

struct InstrumentSchema : ::testing::Test {
  InstrumentSchema() {
    std::ifstream in(std::filesystem::path(SOURCE_FOLDER) / "docs/api/instrument.schema.json");
    document = json::parse(in);
    valijson::SchemaParser(valijson::SchemaParser::kDraft7)
        .populateSchema(Adapter(document), schema);
  }
  bool by_schema(const json& instrument) const {
    valijson::Validator validator;
    return validator.validate(schema, Adapter(instrument), nullptr);
  }
  static bool by_daemon(const json& instrument) {
    return parse_instrument("x", instrument.dump()).has_value();
  }

  json document;
  valijson::Schema schema;
};

// Everything that can stand at one place of the document, right and wrong.
const json values[] = {json::object(),
                       json::array(),
                       nullptr,
                       true,
                       0,
                       1,
                       -1000,
                       1001,
                       1.5,
                       "",
                       "a",
                       "later",
                       "yes",
                       "prefer-not",
                       "q-mail",
                       "Two words",
                       "-a",
                       "1.0.0",
                       "1.0",
                       "1.0.0.0",
                       "a\nb",
                       std::string(33, 'x'),
                       std::string(49, 'x'),
                       std::string(91, 'x'),
                       std::string(41, 'x'),
                       "é",
                       {{"en", "x"}, {"fr", "y"}},
                       {{"en", "x"}},
                       {{"en", "x"}, {"fr", "y"}, {"nl", "z"}}};

void pointers_into(const json& value, const json::json_pointer& at,
                   std::vector<json::json_pointer>& out) {
  out.push_back(at);
  if (value.is_object()) {
    for (const auto& [name, member] : value.items()) pointers_into(member, at / name, out);
  } else if (value.is_array()) {
    for (std::size_t i = 0; i < value.size(); ++i) pointers_into(value[i], at / i, out);
  }
}

TEST_F(InstrumentSchema, AcceptsTheExample) {
  EXPECT_TRUE(by_schema(test::example()));
  EXPECT_TRUE(by_daemon(test::example()));
}

TEST_F(InstrumentSchema, AgreesWithTheDaemonOnEveryReplacedValue) {
  std::vector<json::json_pointer> places;
  pointers_into(test::example(), json::json_pointer(), places);
  int tried = 0;
  for (const auto& place : places) {
    for (const json& value : values) {
      json changed = test::example();
      changed[place] = value;
      // Distinct ids are beyond a schema.
      const auto read = parse_instrument("x", changed.dump());
      const bool only_distinctness = !read && read.error().size() == 1 &&
                                     read.error()[0].ends_with("is used twice in this list");
      if (only_distinctness) continue;
      EXPECT_EQ(by_schema(changed), read.has_value())
          << place.to_string() << " = " << value.dump()
          << (read ? "" : "; the daemon says: " + read.error()[0]);
      ++tried;
    }
  }
  EXPECT_GT(tried, 800);
}

TEST_F(InstrumentSchema, AgreesWithTheDaemonOnEveryMissingAndEveryExtraMember) {
  std::vector<json::json_pointer> places;
  pointers_into(test::example(), json::json_pointer(), places);
  for (const auto& place : places) {
    if (!place.empty() && test::example()[place.parent_pointer()].is_object()) {
      json changed = test::example();
      changed[place.parent_pointer()].erase(place.back());
      EXPECT_EQ(by_schema(changed), by_daemon(changed)) << "without " << place.to_string();
    }
    if (test::example()[place].is_object()) {
      json changed = test::example();
      changed[place]["extra"] = 1;
      EXPECT_EQ(by_schema(changed), by_daemon(changed)) << "more at " << place.to_string();
    }
  }
}

TEST_F(InstrumentSchema, AgreesWithTheDaemonOnTheExampleSite) {
  const std::filesystem::path folder =
      std::filesystem::path(SOURCE_FOLDER) / "examples/brussels/instruments";
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    std::ifstream in(entry.path());
    const json instrument = json::parse(in);
    EXPECT_TRUE(by_schema(instrument)) << entry.path();
    EXPECT_TRUE(by_daemon(instrument)) << entry.path();
    ++files;
  }
  EXPECT_GT(files, 0);
}

}  // namespace
}  // namespace rollcall::assessments
