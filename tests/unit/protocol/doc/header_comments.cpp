#include "tests/unit/protocol/doc/header_comments.hpp"

#include <algorithm>
#include <regex>
#include <sstream>

namespace rollcall::protocol::doc {
namespace {

const std::regex comment_line(R"(^\s*//\s?(.*)$)");
const std::regex type_begin(R"(^(struct|enum class) (\w+)[^;]*\{(.*)$)");
const std::regex namespace_begin(R"(^namespace (\w+) \{$)");
const std::regex alias(R"(^using (\w+) = .*;$)");
const std::regex member(R"(^  ([\w:<>, +]+) (\w+)(?:\{\}| = [^;]+)?;(?:\s*// (.*))?$)");
const std::regex enumerator(R"(^  (\w+) = (\w+),?(?:\s*// (.*))?$)");
const std::regex one_line_enumerator(R"((\w+) = (\w+))");
const std::regex constant(R"(^inline constexpr std::uint32_t (\w+) = ([^;]+);(?:\s*// (.*))?$)");

void append(std::string& to, const std::string& words) {
  if (!to.empty()) to += ' ';
  to += words;
}

class Parser {
 public:
  explicit Parser(Header& into) : header_(into) {}

  void line(const std::string& text) {
    std::smatch m;
    if (std::regex_match(text, m, comment_line)) {
      comment(text, m[1]);
    } else if (std::regex_match(text, m, type_begin)) {
      begin_type(m);
    } else if (std::regex_match(text, m, namespace_begin)) {
      open_ = &(header_.constants[m[1]] = {m[1], std::move(before_), {}});
    } else if (std::regex_match(text, m, alias)) {
      header_.aliases[m[1]] = before_;
    } else if (text.starts_with("}")) {
      open_ = nullptr;
    } else if (open_ != nullptr) {
      inside(text);
    }
    if (!std::regex_match(text, comment_line)) before_.clear();
  }

 private:
  void comment(const std::string& text, const std::string& words) {
    // Far to the right it goes on with what stands behind the member above.
    const bool continues = open_ != nullptr && text.find("//") > 8 && !open_->members.empty();
    append(continues ? open_->members.back().comment : before_, words);
  }
  void begin_type(const std::smatch& m) {
    auto& all = m[1] == "struct" ? header_.structs : header_.enums;
    open_ = &(all[m[2]] = {m[2], std::move(before_), {}});
    const std::string rest = m[3];
    for (std::sregex_iterator it(rest.begin(), rest.end(), one_line_enumerator), end; it != end;
         ++it) {
      open_->members.push_back({(*it)[1], "", (*it)[2], ""});
    }
    if (rest.find('}') != std::string::npos) open_ = nullptr;
  }
  void inside(const std::string& text) {
    std::smatch m;
    if (std::regex_match(text, m, enumerator)) {
      open_->members.push_back({m[1], "", m[2], m[3]});
    } else if (std::regex_match(text, m, constant)) {
      open_->members.push_back({m[1], "", m[2], m[3]});
    } else if (text.find("static ") == std::string::npos && std::regex_match(text, m, member)) {
      open_->members.push_back({m[2], m[1], "", m[3]});
    } else if (const auto at = text.find("op = Op::"); at != std::string::npos) {
      open_->members.push_back({"op", "", text.substr(at + 9, text.find(';') - at - 9), ""});
    }
  }

  Header& header_;
  Declaration* open_ = nullptr;
  std::string before_;
};

}  // namespace

const Member* Declaration::find(std::string_view wanted) const {
  const auto it = std::ranges::find(members, wanted, &Member::name);
  return it == members.end() ? nullptr : &*it;
}

void read_header(std::string_view text, Header& into) {
  Parser parser(into);
  std::istringstream in{std::string(text)};
  for (std::string line; std::getline(in, line);) parser.line(line);
}

}  // namespace rollcall::protocol::doc
