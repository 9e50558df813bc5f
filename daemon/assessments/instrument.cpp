#include "daemon/assessments/instrument.hpp"

#include <algorithm>
#include <cctype>
#include <set>

#include <nlohmann/json.hpp>

namespace rollcall::assessments {
namespace {

using nlohmann::json;

std::size_t characters(std::string_view utf8) {
  return static_cast<std::size_t>(std::count_if(utf8.begin(), utf8.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  }));
}

bool is_id(std::string_view text) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  };
  return !text.empty() && text.size() <= limit::id_characters && text.front() != '-' &&
         std::all_of(text.begin(), text.end(), allowed);
}

// Three numbers, as in "1.0.2".
bool is_version(std::string_view text) {
  int parts = 1;
  bool digit = false;
  for (const char c : text) {
    if (c == '.') {
      if (!digit) return false;
      ++parts;
      digit = false;
    } else if (c >= '0' && c <= '9') {
      digit = true;
    } else {
      return false;
    }
  }
  return parts == 3 && digit && text.size() <= 20;
}

std::string in_quotes(std::string_view text) {
  return "\"" + std::string(text) + "\"";
}

// Walks the document and collects every problem with its JSON pointer (RFC 6901).
class Reader {
 public:
  explicit Reader(std::string_view file) : file_(file) {}

  Instrument read(const json& document) {
    Instrument instrument;
    if (!object(document, "", {"id", "version", "title", "questions"})) return instrument;
    instrument.id = id(document, "", "id");
    instrument.version = text(document, "", "version");
    if (document.contains("version") && !is_version(instrument.version)) {
      problem("/version", in_quotes(instrument.version) +
                              " is not a version; write three numbers such as \"1.0.0\"");
    }
    instrument.title = texts(document, "", "title", limit::title_characters);
    each(document, "", "questions", 1, limit::questions,
         [&](const json& item, const std::string& at) {
           instrument.questions.push_back(question(item, at));
         });
    distinct(instrument.questions, "/questions");
    return instrument;
  }

  std::vector<std::string> take_problems() { return std::move(problems_); }
  void problem(const std::string& at, const std::string& sentence) {
    problems_.push_back(file_ + ": " + (at.empty() ? "the whole file" : at) + ": " + sentence);
  }

 private:
  Question question(const json& item, const std::string& at) {
    Question q;
    if (!object(item, at, {"id", "text", "options"})) return q;
    q.id = id(item, at, "id");
    q.text = texts(item, at, "text", limit::question_characters);
    each(item, at, "options", limit::options_min, limit::options_max,
         [&](const json& o, const std::string& where) { q.options.push_back(option(o, where)); });
    distinct(q.options, at + "/options");
    return q;
  }

  Option option(const json& item, const std::string& at) {
    Option o;
    if (!object(item, at, {"id", "text"}, {"score"})) return o;
    o.id = id(item, at, "id");
    if (std::ranges::find(reserved_ids, o.id) != std::end(reserved_ids)) {
      problem(at + "/id",
              in_quotes(o.id) + " is a button of the terminal itself; choose another id");
    }
    o.text = texts(item, at, "text", limit::option_characters);
    if (item.contains("score")) {
      const json& score = item["score"];
      if (!score.is_number_integer() || score < -limit::score || score > limit::score) {
        problem(at + "/score", "must be a whole number between -" + std::to_string(limit::score) +
                                   " and " + std::to_string(limit::score));
      } else if (o.id == prefer_not) {
        problem(at + "/score", "\"prefer-not\" is never scored; remove the score");
      } else {
        o.score = score.get<int>();
      }
    }
    return o;
  }

  bool object(const json& value, const std::string& at,
              std::initializer_list<std::string_view> required,
              std::initializer_list<std::string_view> optional = {}) {
    if (!value.is_object()) {
      problem(at, "must be an object in braces, found " + std::string(value.type_name()));
      return false;
    }
    for (const auto name : required) {
      if (!value.contains(name)) problem(at, "member " + in_quotes(name) + " is missing");
    }
    for (const auto& member : value.items()) {
      const std::string& name = member.key();
      const auto is_name = [&name](std::string_view known) { return known == name; };
      if (std::ranges::none_of(required, is_name) && std::ranges::none_of(optional, is_name)) {
        std::string known;
        for (const auto list : {required, optional}) {
          for (const auto k : list) known += (known.empty() ? "" : ", ") + std::string(k);
        }
        problem(at + "/" + name, "no such member here; the members are " + known);
      }
    }
    return true;
  }

  std::string text(const json& parent, const std::string& at, const std::string& name) {
    if (!parent.contains(name)) return {};
    if (!parent[name].is_string()) {
      problem(at + "/" + name,
              "must be a text in quotes, found " + std::string(parent[name].type_name()));
      return {};
    }
    return parent[name].get<std::string>();
  }

  std::string id(const json& parent, const std::string& at, const std::string& name) {
    std::string value = text(parent, at, name);
    if (parent.contains(name) && parent[name].is_string() && !is_id(value)) {
      problem(at + "/" + name, in_quotes(value) + " is not an id; use 1 to " +
                                   std::to_string(limit::id_characters) +
                                   " small letters a to z, digits and '-', not starting with '-'");
    }
    return value;
  }

  Text texts(const json& parent, const std::string& at, const std::string& name,
             std::size_t longest) {
    if (!parent.contains(name)) return {};
    const std::string here = at + "/" + name;
    if (!object(parent[name], here, {"en", "fr"})) return {};
    std::map<std::string, std::string, std::less<>> by_language;
    for (const std::string language : {"en", "fr"}) {
      std::string value = text(parent[name], here, language);
      if (!parent[name].contains(language) || !parent[name][language].is_string()) continue;
      const auto printable = [](char c) {
        return static_cast<unsigned char>(c) >= 0x20 && c != 0x7f;
      };
      if (value.empty()) {
        problem(here + "/" + language, "must not be empty");
      } else if (!std::ranges::all_of(value, printable)) {
        problem(here + "/" + language, "must be one line without control characters");
      } else if (characters(value) > longest) {
        problem(here + "/" + language, "has " + std::to_string(characters(value)) +
                                           " characters; at most " + std::to_string(longest) +
                                           " fit the screen at a legible size");
      }
      by_language.emplace(language, std::move(value));
    }
    return Text(std::move(by_language));
  }

  template <class Use>
  void each(const json& parent, const std::string& at, const std::string& name, std::size_t fewest,
            std::size_t most, Use use) {
    if (!parent.contains(name)) return;
    const json& list = parent[name];
    const std::string here = at + "/" + name;
    if (!list.is_array()) {
      problem(here, "must be a list in brackets, found " + std::string(list.type_name()));
      return;
    }
    if (list.size() < fewest || list.size() > most) {
      problem(here, "has " + std::to_string(list.size()) + " items; " + std::to_string(fewest) +
                        " to " + std::to_string(most) + " are possible");
      return;
    }
    for (std::size_t i = 0; i < list.size(); ++i) use(list[i], here + "/" + std::to_string(i));
  }

  template <class Item>
  void distinct(const std::vector<Item>& items, const std::string& at) {
    std::set<std::string_view> seen;
    for (std::size_t i = 0; i < items.size(); ++i) {
      if (!items[i].id.empty() && !seen.insert(items[i].id).second) {
        problem(at + "/" + std::to_string(i) + "/id",
                in_quotes(items[i].id) + " is used twice in this list");
      }
    }
  }

  std::string file_;
  std::vector<std::string> problems_;
};

// Members given twice are silently merged by most readers; here they are a problem, as is deep
// nesting.
json parse(std::string_view bytes, Reader& reader) {
  std::vector<std::set<std::string>> members;
  std::string twice;
  bool deep = false;
  const auto check = [&](int depth, json::parse_event_t event, json& value) {
    deep = deep || depth > static_cast<int>(limit::depth);
    if (event == json::parse_event_t::object_start) members.emplace_back();
    if (event == json::parse_event_t::object_end) members.pop_back();
    if (event == json::parse_event_t::key &&
        !members.back().insert(value.get<std::string>()).second) {
      twice = value.get<std::string>();
    }
    return !deep;
  };
  json document = json::value_t::discarded;
  try {
    document = json::parse(bytes, check);
  } catch (const json::parse_error& e) {
    const std::size_t end = std::min(e.byte, bytes.size());
    const auto line =
        1 + std::count(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(end), '\n');
    reader.problem("", "is not JSON: line " + std::to_string(line) + ": " + e.what());
    return json::value_t::discarded;
  }
  if (deep) reader.problem("", "is nested deeper than " + std::to_string(limit::depth) + " levels");
  if (!twice.empty())
    reader.problem("", "member " + in_quotes(twice) + " is given twice in one object");
  return deep ? json(json::value_t::discarded) : document;
}

}  // namespace

const std::string& Text::in(std::string_view language) const {
  static const std::string none;
  auto found = by_language_.find(language);
  if (found == by_language_.end()) found = by_language_.find("en");
  return found == by_language_.end() ? none : found->second;
}

std::expected<Instrument, std::vector<std::string>> parse_instrument(std::string_view file,
                                                                     std::string_view bytes) {
  Reader reader(file);
  Instrument instrument;
  if (bytes.size() > limit::file_bytes) {
    reader.problem("", "has " + std::to_string(bytes.size()) + " bytes; at most " +
                           std::to_string(limit::file_bytes) + " are read");
  } else if (const json document = parse(bytes, reader); !document.is_discarded()) {
    instrument = reader.read(document);
  }
  if (auto problems = reader.take_problems(); !problems.empty())
    return std::unexpected(std::move(problems));
  instrument.body = bytes;
  instrument.digest =
      crypto::sha256({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
  return instrument;
}

}  // namespace rollcall::assessments
