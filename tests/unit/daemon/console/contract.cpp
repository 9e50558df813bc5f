#include "tests/unit/daemon/console/contract.hpp"

#include <algorithm>
#include <cctype>

#include <nlohmann/json.hpp>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>
#include <yaml-cpp/yaml.h>

namespace rollcall::console {
namespace {

using Json = nlohmann::json;

// YAML 1.2 core schema, as far as the file uses it: quoted scalars are texts.
Json to_json(const YAML::Node& node) {
  if (node.IsMap()) {
    Json out = Json::object();
    for (const auto& entry : node) out[entry.first.as<std::string>()] = to_json(entry.second);
    return out;
  }
  if (node.IsSequence()) {
    Json out = Json::array();
    for (const auto& entry : node) out.push_back(to_json(entry));
    return out;
  }
  if (node.IsNull()) return nullptr;
  const std::string text = node.as<std::string>();
  if (node.Tag() == "!") return text;  // was quoted
  if (text == "true" || text == "false") return text == "true";
  if (!text.empty() &&
      std::ranges::all_of(text, [](unsigned char c) { return std::isdigit(c) != 0; })) {
    return std::stoll(text);
  }
  return text;
}

const Json& document() {
  static const Json one = to_json(YAML::LoadFile(ROLLCALL_SOURCE_DIR "/docs/api/console.yaml"));
  return one;
}

}  // namespace

std::set<std::string> Contract::routes() {
  std::set<std::string> out;
  for (const auto& [path, operations] : document()["paths"].items()) {
    for (const auto& [method, operation] : operations.items()) {
      std::string name = method;
      std::ranges::transform(name, name.begin(),
                             [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
      out.insert(name + " " + path + " " + operation.value("x-role", "missing"));
    }
  }
  return out;
}

std::string Contract::problems(const std::string& name, const Json& value) {
  const Json root = {{"allOf", {{{"$ref", "#/components/schemas/" + name}}}},
                     {"components", document()["components"]}};
  valijson::Schema schema;
  valijson::SchemaParser parser;
  const valijson::adapters::NlohmannJsonAdapter root_adapter{root};
  parser.populateSchema(root_adapter, schema);
  valijson::Validator validator{valijson::Validator::kStrongTypes};
  valijson::ValidationResults results;
  const valijson::adapters::NlohmannJsonAdapter target{value};
  if (validator.validate(schema, target, &results)) return {};
  std::string out;
  valijson::ValidationResults::Error error;
  while (results.popError(error)) {
    for (const std::string& part : error.context) out += part;
    out += ": " + error.description + "\n";
  }
  return out;
}

}  // namespace rollcall::console
