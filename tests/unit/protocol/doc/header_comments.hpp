// Reads the comments of protocol/*.hpp, so that the documentation says what the code says. Knows
// just the shape in which those headers are written: structs and enums at column 0, one member a
// line.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace rollcall::protocol::doc {

struct Member {
  std::string name;
  std::string type;     // as written; empty for an enumerator
  std::string value;    // of an enumerator or constant, as written
  std::string comment;  // behind it, one line
};

struct Declaration {
  std::string name;
  std::string comment;  // before it, one line
  std::vector<Member> members;

  const Member* find(std::string_view member) const;
};

struct Header {
  std::map<std::string, Declaration> structs;
  std::map<std::string, Declaration> enums;
  std::map<std::string, Declaration> constants;  // by namespace, as `capability`
  std::map<std::string, std::string> aliases;    // `using`: comment by name
};

void read_header(std::string_view text, Header& into);

}  // namespace rollcall::protocol::doc
