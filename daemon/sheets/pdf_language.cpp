#include "daemon/sheets/pdf_language.hpp"

#include <charconv>
#include <cstdio>
#include <stdexcept>
#include <string_view>

namespace rollcall::sheets {
namespace {

std::size_t found(std::size_t at) {
  if (at == std::string::npos) throw std::runtime_error("a PDF that is built in an unknown way");
  return at;
}

unsigned long number_after(std::string_view file, std::string_view word, std::size_t from) {
  const std::size_t at = file.find_first_of("0123456789", found(file.find(word, from)));
  unsigned long value = 0;
  std::from_chars(file.data() + found(at), file.data() + file.size(), value);
  return value;
}

}  // namespace

std::string with_language(std::string file, const std::string& language) {
  const std::size_t trailer = found(file.rfind("\ntrailer")) + 1;
  const std::size_t trailer_end = found(file.find(">>", trailer));
  const std::size_t old_table = number_after(file, "startxref", trailer_end);
  const std::string id = std::to_string(number_after(file, "/Root", trailer));

  const std::size_t catalog = found(file.find("\n" + id + " 0 obj")) + 1;
  const std::size_t catalog_end = found(file.find(">>\nendobj", catalog));
  std::string more = file.substr(catalog, catalog_end - catalog);
  more += "   /Lang (" + language + ")\n>>\nendobj\n";
  const std::size_t at = file.size();
  char entry[24];
  std::snprintf(entry, sizeof entry, "%010zu 00000 n \n", at);
  const std::size_t table = at + more.size();
  more += "xref\n" + id + " 1\n" + entry + file.substr(trailer, trailer_end - trailer);
  more += "   /Prev " + std::to_string(old_table) + "\n>>\nstartxref\n" + std::to_string(table) +
          "\n%%EOF\n";
  return file + more;
}

}  // namespace rollcall::sheets
