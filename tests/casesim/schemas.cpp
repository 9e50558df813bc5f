#include "tests/casesim/schemas.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

namespace rollcall::casesim {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using Adapter = valijson::adapters::NlohmannJsonAdapter;
using Files = std::map<std::string, json, std::less<>>;

constexpr std::string_view index_file = "index.json";
constexpr std::string_view type_prefix = "org.rollcall.";
constexpr std::string_view type_version = ".v1";

// Makes one file self-contained: what a reference to another file names is copied into `$defs`.
// valijson resolves references across files by names that collide; within one file it is sound.
class Bundler {
 public:
  explicit Bundler(const Files& files) : files_(files) {}

  json bundle(const std::string& file) {
    json root = files_.at(file);
    defs_ = root.contains("$defs") ? root["$defs"] : json::object();
    rewrite(root, file, file);
    for (auto& [name, definition] : own_definitions(root)) defs_[name] = definition;
    root["$defs"] = std::move(defs_);
    return root;
  }

 private:
  static std::map<std::string, json> own_definitions(const json& root) {
    std::map<std::string, json> own;
    if (root.contains("$defs")) own = root["$defs"].get<std::map<std::string, json>>();
    return own;
  }

  void rewrite(json& node, const std::string& file, const std::string& root_file) {
    if (node.is_array()) {
      for (json& child : node) rewrite(child, file, root_file);
      return;
    }
    if (!node.is_object()) return;
    // valijson compiles an expression at each use of a format; the patterns beside them say the
    // same but for 29 February in common years.
    if (node.contains("pattern")) node.erase("format");
    const auto reference = node.find("$ref");
    if (reference != node.end() && reference->is_string()) {
      *reference = local_name(reference->get<std::string>(), file, root_file);
    }
    for (auto& [key, child] : node.items()) {
      if (key != "$ref") rewrite(child, file, root_file);
    }
  }

  std::string local_name(const std::string& reference, const std::string& file,
                         const std::string& root_file) {
    const auto hash = reference.find('#');
    std::string target = reference.substr(0, hash);
    const std::string pointer = hash == std::string::npos ? "" : reference.substr(hash + 1);
    if (target.empty()) target = file;
    if (target == root_file) return "#" + pointer;
    std::string name = target + pointer;
    std::ranges::replace(name, '/', '.');
    if (!defs_.contains(name)) {
      defs_[name] = json::object();  // ends the descent when definitions refer to each other
      json definition = files_.at(target).at(json::json_pointer(pointer));
      rewrite(definition, target, root_file);
      defs_[name] = std::move(definition);
    }
    return "#/$defs/" + name;
  }

  const Files& files_;
  json defs_;
};

SubjectRule subject_rule(const std::string& text) {
  if (text == "required") return SubjectRule::required;
  return text == "none" ? SubjectRule::none : SubjectRule::optional;
}

std::string sentence(const valijson::ValidationResults::Error& error) {
  std::string where;
  for (const std::string& part : error.context) {
    if (part == "<root>") continue;
    where += part.starts_with('[') ? "/" + part.substr(1, part.size() - 2) : part;
  }
  return (where.empty() ? "/" : where) + ": " + error.description;
}

}  // namespace

struct Schemas::Impl {
  std::map<std::string, valijson::Schema, std::less<>> compiled;
  std::map<std::string, EventType, std::less<>> types;  // by full type
  // Keeps compiled patterns; its calls are not const.
  mutable valijson::Validator validator{valijson::Validator::kStrongTypes};
};

Schemas::Schemas(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Schemas::Schemas(Schemas&&) noexcept = default;
Schemas& Schemas::operator=(Schemas&&) noexcept = default;
Schemas::~Schemas() = default;

std::expected<Schemas, std::string> Schemas::load(const std::string& api_dir) {
  const fs::path folder = fs::path(api_dir) / "events";
  std::string current = folder.string();
  try {
    Files files;
    for (const auto& entry : fs::directory_iterator(folder)) {
      if (entry.path().extension() != ".json") continue;
      current = entry.path().string();
      std::ifstream in(entry.path());
      files.emplace(entry.path().filename().string(), json::parse(in));
    }
    auto impl = std::make_unique<Impl>();
    for (const auto& [name, content] : files) {
      if (name == index_file) continue;
      current = (folder / name).string();
      const json bundled = Bundler(files).bundle(name);
      valijson::SchemaParser parser(valijson::SchemaParser::kDraft7);
      parser.populateSchema(Adapter(bundled), impl->compiled[name]);
    }
    current = (folder / index_file).string();
    for (const json& entry : files.at(std::string(index_file)).at("types")) {
      EventType type{entry.at("type"), entry.at("schema"), subject_rule(entry.at("subject"))};
      if (!impl->compiled.contains(type.schema)) {
        return std::unexpected(current + ": names " + type.schema + ", which does not exist");
      }
      std::string full = std::string(type_prefix) + type.name + std::string(type_version);
      impl->types.emplace(std::move(full), std::move(type));
    }
    return Schemas(std::move(impl));
  } catch (const std::exception& error) {
    return std::unexpected(current + ": " + error.what());
  }
}

std::optional<std::string> Schemas::fault(std::string_view file, const json& value) const {
  const auto found = impl_->compiled.find(file);
  if (found == impl_->compiled.end()) return "no schema " + std::string(file);
  const Adapter target(value);
  // The quick way first: collecting sentences costs several times the check itself.
  if (impl_->validator.validate(found->second, target, nullptr)) return std::nullopt;
  valijson::ValidationResults results;
  impl_->validator.validate(found->second, target, &results);
  // The deepest fault says most; "not valid under allOf" around it says nothing.
  std::optional<valijson::ValidationResults::Error> best;
  valijson::ValidationResults::Error error;
  while (results.popError(error)) {
    if (!best || error.context.size() > best->context.size()) best = error;
  }
  return best ? sentence(*best) : "not valid under " + std::string(file);
}

const EventType* Schemas::type(std::string_view full_type) const {
  const auto found = impl_->types.find(full_type);
  return found == impl_->types.end() ? nullptr : &found->second;
}

std::optional<std::string> event_fault(const Schemas& schemas, const json& event) {
  const auto& full_type = event.at("type").get_ref<const std::string&>();
  const EventType* type = schemas.type(full_type);
  if (!type) return "type " + full_type + " is not known here";
  const json& data = event.at("data");
  if (auto fault = schemas.fault(type->schema, data)) return "data" + *fault;
  if (type->subject == SubjectRule::required && !event.contains("subject")) {
    return type->name + " needs a subject";
  }
  if (type->subject == SubjectRule::none && event.contains("subject")) {
    return type->name + " has no subject";
  }
  const std::string source = "urn:rollcall:site:" + data.at("site").get<std::string>();
  if (event.at("source") != source) return "data/site is not that of the envelope's source";
  const json time = event.contains("time") ? event.at("time") : json();
  if (data.at("time").at("wall") != time) return "data/time/wall is not the envelope's time";
  return std::nullopt;
}

}  // namespace rollcall::casesim
