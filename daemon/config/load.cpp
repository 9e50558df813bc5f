// Reads the TOML and holds each value against the table of keys. The one file here that sees
// toml++.
#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <span>
#include <utility>

#include <toml++/toml.h>

#include "daemon/config/config.hpp"
#include "daemon/config/keys.hpp"
#include "daemon/config/values.hpp"
#include "hal/host/readers/line_format.hpp"

namespace rollcall::config {
namespace {

constexpr std::string_view former_terminals_section = "terminals";

// How a reader is connected; it has one of these.
struct Way {
  std::string_view key;
  std::string Reader::* value;
  bool prints_lines;
};
constexpr auto ways = std::to_array<Way>({
    {"pcsc", &Reader::pcsc, false},
    {"pn532", &Reader::pn532, false},
    {"keyboard", &Reader::keyboard, true},
    {"line", &Reader::line, true},
});

std::string in_quotes(std::string_view text) {
  return "\"" + std::string{text} + "\"";
}

std::string_view kind_in_words(Kind kind) {
  switch (kind) {
    case Kind::texts:
    case Kind::choices:
      return "a list of texts in brackets, such as [\"one\", \"two\"]";
    case Kind::integer:
      return "a whole number, without quotes";
    case Kind::duration:
      return "a text with a unit (ms, s, min, h), such as \"60s\"";
    default:
      return "a text in quotes";
  }
}

std::string_view found_in_words(toml::node_type type) {
  switch (type) {
    case toml::node_type::string:
      return "a text";
    case toml::node_type::integer:
      return "a whole number";
    case toml::node_type::floating_point:
      return "a number with a fraction";
    case toml::node_type::boolean:
      return "true or false";
    case toml::node_type::array:
      return "a list";
    case toml::node_type::table:
      return "a section";
    default:
      return "a date or time";
  }
}

class Loader {
 public:
  Loader(std::string file, std::filesystem::path folder)
      : file_(std::move(file)), folder_(std::move(folder)) {
    config_.file = file_;
  }

  std::expected<Config, std::vector<std::string>> run(std::string_view text) {
    toml::table root;
    try {
      root = toml::parse(text, file_);
    } catch (const toml::parse_error& error) {
      problem(static_cast<int>(error.source().begin.line), "",
              std::string{error.description()} + "; nothing below this line was checked");
      return finish();
    }
    for (const std::string_view section : sections()) {
      if (const RepeatedSection* many = repeated(section)) {
        read_repeated(root, *many);
      } else if (section.empty()) {
        read_section(section, root);
      } else if (const toml::node* node = root.get(section)) {
        if (const toml::table* table = node->as_table()) {
          read_section(section, *table);
        } else {
          problem(line(*node), section,
                  "is a value; it must be a section, written [" + std::string{section} + "]");
        }
      } else {
        read_section(section, toml::table{});
      }
    }
    reject_unknown("", root, sections());
    check_together();
    return finish();
  }

 private:
  static int line(const toml::node& node) { return static_cast<int>(node.source().begin.line); }

  void problem(int at, std::string_view key, const std::string& text) {
    std::string out = file_ + ":" + std::to_string(std::max(at, 1)) + ": ";
    if (!key.empty()) out += std::string{key} + ": ";
    problems_.emplace(at, out + text);
  }

  std::expected<Config, std::vector<std::string>> finish() {
    if (problems_.empty()) return std::move(config_);
    std::vector<std::string> out;
    for (auto& [at, text] : problems_) out.push_back(std::move(text));
    return std::unexpected(std::move(out));
  }

  void read_repeated(const toml::table& root, const RepeatedSection& section) {
    const std::string name{section.name};
    const std::string one_is{section.one_is};
    const toml::node* node = root.get(name);
    if (node == nullptr) return;
    const toml::array* list = node->as_array();
    if (list == nullptr ||
        !std::ranges::all_of(*list, [](const toml::node& n) { return n.is_table(); })) {
      problem(line(*node), name,
              "must repeat, one section per " + one_is + ", each written [[" + name + "]]");
      return;
    }
    std::map<std::string, int> seen;
    for (const toml::node& one : *list) {
      const std::string& identity = section.add(config_);
      read_section(name, *one.as_table());
      if (name == "readers") check_reader(line(one), *one.as_table());
      const auto [first, fresh] = seen.try_emplace(identity, line(one));
      if (!identity.empty() && !fresh) {
        problem(line(one), name + "." + std::string{section.identity},
                in_quotes(identity) + " is already declared on line " +
                    std::to_string(first->second) + "; each " + one_is + " is listed once");
      }
    }
  }

  // What the keys of one reader cannot tell alone.
  void check_reader(int at, const toml::table& written) {
    const Reader& reader = config_.readers.back();
    const auto is_written = [&](const Way& way) { return written.contains(way.key); };
    if (std::ranges::count_if(ways, is_written) != 1) {
      problem(at, "readers",
              "needs one of pcsc, pn532, keyboard and line; write pcsc = \"auto\", or pn532 = "
              "\"/dev/ttyUSB0\"");
      return;
    }
    const Way& way = *std::ranges::find_if(ways, is_written);
    check_format(at, way, written.contains("format"));
    const std::string& device = reader.*way.value;
    if (device.empty()) return;  // what is wrong was said
    for (const Reader& other : std::span(config_.readers).first(config_.readers.size() - 1)) {
      if (other.*way.value != device) continue;
      problem(
          at, "readers." + std::string{way.key},
          in_quotes(device) + " is " + in_quotes(other.id) + " already; each reader is one place");
    }
  }

  void check_format(int at, const Way& way, bool has_format) {
    if (has_format == way.prints_lines) return;
    problem(at, "readers.format",
            way.prints_lines
                ? "is missing; say what the reader prints: " + std::string{readers::line_formats}
                : "goes with keyboard and line only; take it out");
  }

  void read_section(std::string_view section, const toml::table& table) {
    std::vector<std::string_view> known;
    for (const Key& key : keys()) {
      if (key.section != section) continue;
      known.push_back(key.name);
      const toml::node* node = table.get(key.name);
      if (node != nullptr) {
        lines_[full_name(key)] = line(*node);
        if (const auto value = read(key, *node)) key.set(config_, *value);
      } else if (key.required) {
        problem(line(table), full_name(key), missing(key));
      } else if (!key.fallback.empty()) {
        key.set(config_, fallback(key));
      }
    }
    if (!section.empty()) reject_unknown(std::string{section} + ".", table, known);
  }

  static std::string missing(const Key& key) {
    std::string where = "at the top of the file";
    if (repeated(key.section) != nullptr) {
      where = "to this [[" + std::string{key.section} + "]]";
    } else if (!key.section.empty()) {
      where = "under [" + std::string{key.section} + "]";
    }
    const bool list = key.kind == Kind::texts || key.kind == Kind::choices;
    return "is missing; add " + std::string{key.name} + (list ? " = [\"...\"] " : " = \"...\" ") +
           where + " (" + std::string{key.allowed} + ")";
  }

  void reject_unknown(const std::string& prefix, const toml::table& table,
                      std::vector<std::string_view> known) {
    const bool top = prefix.empty();
    if (top) {
      for (const Key& key : keys()) {
        if (key.section.empty()) known.push_back(key.name);
      }
    }
    for (const auto& [name, node] : table) {
      if (std::ranges::find(known, name.str()) != known.end()) continue;
      if (top && name.str() == former_terminals_section) {
        problem(static_cast<int>(name.source().begin.line), former_terminals_section,
                "are not listed here any more; take these lines out and enrol each one once: "
                "rollcall terminal enrol SERIAL --room ROOM");
        continue;
      }
      std::string text =
          top && (node.is_table() || node.is_array_of_tables()) ? "is no section" : "is no key";
      text += " of this program; ";
      if (const auto close = nearest(name.str(), known)) {
        text += "did you mean " + in_quotes(*close) + "?";
      } else if (const std::string other = elsewhere(name.str()); !other.empty()) {
        text += "a key of that name belongs to [" + other + "]";
      } else {
        text += "the keys are listed in docs/configuration.md";
      }
      const auto at = name.source().begin.line;
      problem(static_cast<int>(at), prefix + std::string{name.str()}, text);
    }
  }

  static std::string elsewhere(std::string_view name) {
    for (const Key& key : keys()) {
      if (key.name == name && !key.section.empty()) return std::string{key.section};
    }
    return {};
  }

  std::optional<Value> read(const Key& key, const toml::node& node) {
    const std::string name = full_name(key);
    const auto wrong_type = [&]() -> std::optional<Value> {
      problem(line(node), name,
              "is " + std::string{found_in_words(node.type())} + "; write " +
                  std::string{kind_in_words(key.kind)});
      return std::nullopt;
    };
    switch (key.kind) {
      case Kind::integer: {
        const auto value = node.value_exact<std::int64_t>();
        if (!value) return wrong_type();
        if (*value >= key.min && *value <= key.max) return Value{*value};
        problem(line(node), name,
                std::to_string(*value) + " is out of range; write " + std::string{key.allowed});
        return std::nullopt;
      }
      case Kind::texts:
      case Kind::choices: {
        const toml::array* list = node.as_array();
        if (list == nullptr) return wrong_type();
        std::vector<std::string> out;
        for (const toml::node& item : *list) {
          const auto text = item.value_exact<std::string>();
          if (!text) return wrong_type();
          auto checked = key.kind == Kind::choices ? one_of(key, *text, line(item))
                                                   : checked_text(key, *text, line(item));
          if (checked) out.push_back(std::move(*checked));
        }
        if (list->empty())
          problem(line(node), name, "is an empty list; write " + std::string{key.allowed});
        return Value{std::move(out)};
      }
      default: {
        const auto text = node.value_exact<std::string>();
        if (!text) return wrong_type();
        return from_text(key, *text, line(node));
      }
    }
  }

  std::optional<Value> from_text(const Key& key, const std::string& text, int at) {
    const std::string name = full_name(key);
    if (key.kind == Kind::duration) {
      const auto value = parse_duration(text);
      if (!value) {
        problem(at, name,
                in_quotes(text) + " is no duration; write " + std::string{kind_in_words(key.kind)});
      } else if (value->count() < key.min || value->count() > key.max) {
        problem(at, name, in_quotes(text) + " is out of range; write " + std::string{key.allowed});
      } else {
        return Value{*value};
      }
      return std::nullopt;
    }
    if (key.kind == Kind::choice) {
      if (auto word = one_of(key, text, at)) return Value{std::move(*word)};
      return std::nullopt;
    }
    if (auto checked = checked_text(key, text, at)) return Value{std::move(*checked)};
    return std::nullopt;
  }

  std::optional<std::string> one_of(const Key& key, const std::string& text, int at) {
    const auto allowed = words(key.allowed);
    if (std::ranges::find(allowed, text) != allowed.end()) return text;
    const auto close = nearest(text, allowed);
    problem(at, full_name(key),
            in_quotes(text) + " is none of " + std::string{key.allowed} + "; " +
                (close ? "did you mean " + in_quotes(*close) + "?" : "write one of them"));
    return std::nullopt;
  }

  // Resolves paths, checks existence and the key's own rule.
  std::optional<std::string> checked_text(const Key& key, std::string text, int at) {
    const std::string name = full_name(key);
    const bool is_path =
        key.kind == Kind::file || key.kind == Kind::folder || key.kind == Kind::path;
    if (text.empty() && !key.required) return text;
    if (text.find('\0') != std::string::npos) {
      problem(at, name, "holds a zero byte; write plain text");
      return std::nullopt;
    }
    if (is_path) {
      if (text.empty()) {
        problem(at, name, "is empty; write a path");
        return std::nullopt;
      }
      text = resolve(text);
    } else if (text.starts_with("unix:") && text.size() > 5) {
      text = "unix:" + resolve(text.substr(5));
    }
    std::string wrong =
        key.kind == Kind::file || key.kind == Kind::folder ? missing_file(key.kind, text) : "";
    if (wrong.empty() && key.check != nullptr) wrong = key.check(text);
    if (wrong.empty()) return text;
    problem(at, name, wrong);
    return std::nullopt;
  }

  std::string resolve(const std::string& text) const {
    return (folder_ / text).lexically_normal().string();
  }

  static std::string missing_file(Kind kind, const std::string& path) {
    std::error_code ignored;
    const auto status = std::filesystem::status(path, ignored);
    if (!std::filesystem::exists(status)) {
      return path + " does not exist; relative paths start at the folder of this file";
    }
    if (kind == Kind::folder)
      return std::filesystem::is_directory(status) ? "" : path + " is a file; name its folder";
    if (std::filesystem::is_directory(status)) return path + " is a folder; name a file";
    return std::ifstream{path} ? "" : path + " cannot be read; check its permissions";
  }

  int line_of(const std::string& key) const {
    const auto at = lines_.find(key);
    return at == lines_.end() ? 1 : at->second;
  }

  // What no single value can tell.
  void check_together() {
    if (config_.control_socket.empty() && !config_.data_dir.empty() &&
        !lines_.contains("control_socket")) {
      config_.control_socket = (std::filesystem::path{config_.data_dir} / "control.sock").string();
      if (const std::string wrong = check_socket_path(config_.control_socket); !wrong.empty()) {
        problem(line_of("data_dir"), "control_socket", wrong);
      }
    }
    const Delivery& delivery = config_.delivery;
    if (!delivery.url.empty() && delivery.ca_file.empty() && !lines_.contains("delivery.ca_file")) {
      problem(
          line_of("delivery.url"), "delivery.ca_file",
          "is missing; a url needs the PEM file of the certificate authority that vouches for it");
    }
    check_console();
    if (delivery.retry_first > delivery.retry_max) {
      problem(line_of("delivery.retry_first"), "delivery.retry_first",
              in_quotes(show_duration(delivery.retry_first)) + " is above retry_max " +
                  in_quotes(show_duration(delivery.retry_max)) +
                  "; the first wait is the shortest one");
    }
  }

  // Beyond this machine nobody signs in without TLS.
  void check_console() {
    const Console& console = config_.console;
    const bool certificate = lines_.contains("console.certificate");
    const bool key = lines_.contains("console.key");
    if (certificate != key) {
      problem(line_of(certificate ? "console.certificate" : "console.key"),
              certificate ? "console.key" : "console.certificate",
              "is missing; a certificate and its key go together");
    }
    if (certificate && console.host.empty()) {
      problem(line_of("console.certificate"), "console.host",
              "is missing; write the name that people open, as the certificate has it");
    }
    if (is_loopback(console.address) || (!console.certificate.empty() && !console.key.empty()))
      return;
    problem(line_of("console.address"), "console.address",
            in_quotes(console.address) +
                " can be reached from other machines, and passwords would travel in the clear; add "
                "certificate, key and host, or use \"127.0.0.1\" (from another computer: ssh -L "
                "8480:127.0.0.1:8480)");
  }

  static Value fallback(const Key& key) {
    switch (key.kind) {
      case Kind::integer:
        return std::int64_t{std::stoll(std::string{key.fallback})};
      case Kind::texts:
        return std::vector<std::string>{std::string{key.fallback}};
      case Kind::choices: {
        const auto all = words(key.fallback);
        return std::vector<std::string>(all.begin(), all.end());
      }
      case Kind::duration:
        return parse_duration(key.fallback).value();
      default:
        return std::string{key.fallback};
    }
  }

  std::string file_;
  std::filesystem::path folder_;
  Config config_;
  std::map<std::string, int> lines_;          // where each key was written
  std::multimap<int, std::string> problems_;  // by line; of one line, in the order found
};

}  // namespace

std::expected<Config, std::vector<std::string>> parse(std::string_view text,
                                                      const std::string& file,
                                                      const std::string& folder) {
  return Loader{file, folder}.run(text);
}

}  // namespace rollcall::config
