// A page to be printed and handed out: a code as a QR code and as digits, and how long it is good.
// Never whose it is. Drawn by Cairo and Pango, in the words that the daemon gave.
#pragma once

#include <expected>
#include <string>
#include <utility>
#include <vector>

#include "provisioning/new_file.hpp"

namespace rollcall::provisioning {

struct CodePage {
  struct Words {
    std::string language;  // ISO 639-1
    std::string title;
    std::string use;
    std::string valid;
  };
  std::string digits;
  std::vector<Words> words;  // the reader's own language first
};

// A new file for it, held open until the page is in it: what cannot be written is known before a
// code is given out.
class PageFile {
 public:
  // `path` ends in .svg, .png (A6 at 300 dots an inch) or .pdf. Otherwise a clause that says what
  // is wrong.
  static std::expected<PageFile, std::string> make(const std::string& path);
  // A clause that says why not; then the file is gone.
  std::expected<void, std::string> write(const CodePage& page);

 private:
  explicit PageFile(NewFile file) : file_(std::move(file)) {}

  NewFile file_;
};

// The file itself. `kind`: svg, png or pdf.
std::string draw_page(const CodePage& page, const std::string& kind);

}  // namespace rollcall::provisioning
