#include <string>

#include "daemon/config/config.hpp"
#include "daemon/config/keys.hpp"

namespace rollcall::config {
namespace {

std::string_view kind_name(Kind kind) {
  switch (kind) {
    case Kind::texts:
      return "list of texts";
    case Kind::integer:
      return "number";
    case Kind::duration:
      return "duration";
    case Kind::choice:
      return "word";
    case Kind::choices:
      return "list of words";
    case Kind::file:
      return "existing file";
    case Kind::folder:
      return "existing folder";
    case Kind::path:
      return "path";
    case Kind::text:
      break;
  }
  return "text";
}

std::string as_written(const Key& key) {
  if (key.required) return "**required**";
  if (key.fallback.empty()) return "none";
  const std::string value{key.fallback};
  if (key.kind == Kind::choices) {
    std::string list;
    for (const std::string_view word : words(key.fallback))
      list += (list.empty() ? "\"" : ", \"") + std::string{word} + "\"";
    return "`[" + list + "]`";
  }
  if (key.kind == Kind::texts) return "`[\"" + value + "\"]`";
  if (key.kind == Kind::integer) return "`" + value + "`";
  return "`\"" + value + "\"`";
}

}  // namespace

std::string reference_markdown() {
  std::string out;
  for (const std::string_view section : sections()) {
    if (!out.empty()) out += "\n";
    if (section.empty()) {
      out += "### Top of the file\n\n";
    } else if (const RepeatedSection* many = repeated(section)) {
      out += "### `[[" + std::string{section} + "]]`, " + std::string{many->title} + "\n\n";
    } else {
      out += "### `[" + std::string{section} + "]`\n\n";
    }
    out +=
        "| key | kind | default | what may stand there | what it does |\n|---|---|---|---|---|\n";
    for (const Key& key : keys()) {
      if (key.section != section) continue;
      out += "| `" + std::string{key.name} + "` | " + std::string{kind_name(key.kind)} + " | " +
             as_written(key) + " | " + std::string{key.allowed} + " | " + std::string{key.doc} +
             " |\n";
    }
  }
  return out;
}

}  // namespace rollcall::config
