// A PDF as Poppler reads and paints it: an eye that is not Cairo's.
#pragma once

#include <string>
#include <vector>

namespace rollcall::sheets::testing {

struct Picture {  // of one page
  int width = 0, height = 0;
  std::vector<unsigned char> greys;  // row by row, 0 black to 255 white
  bool coloured = false;             // any pixel that is no grey
};

class Rendered {
 public:
  // Writes NAME.pdf and, for people to look at, NAME-1.png, ... into the build's folder `sheets`.
  Rendered(const std::string& name, const std::string& pdf);

  int pages() const { return static_cast<int>(pictures_.size()); }
  const Picture& picture(int page) const {
    return pictures_.at(static_cast<std::size_t>(page - 1));
  }
  // What pdftotext finds, in reading order, white space as single blanks; of one page or of all.
  std::string text(int page = 0) const;
  // What `pdfinfo` says under this name: "Title", "CreationDate".
  std::string info(const std::string& name) const;
  // What `qpdf --check` has to say; empty when it finds nothing.
  std::string faults() const;
  // What `qpdf --json` says of the document's catalog under /Lang.
  std::string language() const;

  // Whether pixels other than white lie within so many points of the paper's edge.
  bool ink_within(int page, double points) const;

 private:
  std::string file_;
  std::vector<Picture> pictures_;
};

}  // namespace rollcall::sheets::testing
