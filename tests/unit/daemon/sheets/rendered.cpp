#include "tests/unit/daemon/sheets/rendered.hpp"

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace rollcall::sheets::testing {
namespace {

namespace fs = std::filesystem;
constexpr int dots_per_inch = 96;

std::string output_of(const std::string& command) {
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(::popen(command.c_str(), "r"), ::pclose);
  if (!pipe) throw std::runtime_error("cannot run " + command);
  std::string out;
  std::array<char, 4096> piece{};
  while (const std::size_t size = std::fread(piece.data(), 1, piece.size(), pipe.get()))
    out.append(piece.data(), size);
  return out;
}

// One PPM (P6, 8 bits) after the other.
std::vector<Picture> pictures_from(const std::string& ppm) {
  std::istringstream in(ppm);
  std::vector<Picture> out;
  std::string kind;
  for (int most = 0; in >> kind;) {
    Picture one;
    in >> one.width >> one.height >> most;
    in.get();
    if (kind != "P6" || most != 255) throw std::runtime_error("pdftoppm wrote no picture");
    std::string pixels(
        static_cast<std::size_t>(one.width) * static_cast<std::size_t>(one.height) * 3, '\0');
    in.read(pixels.data(), static_cast<std::streamsize>(pixels.size()));
    for (std::size_t at = 0; at < pixels.size(); at += 3) {
      one.coloured = one.coloured || pixels[at] != pixels[at + 1] || pixels[at] != pixels[at + 2];
      one.greys.push_back(static_cast<unsigned char>(pixels[at]));
    }
    out.push_back(std::move(one));
  }
  return out;
}

// NAME-1.png or NAME-01.png and so on. Tests run side by side: other names are others' files.
std::vector<fs::path> pages_of(const std::string& name) {
  std::vector<fs::path> out;
  for (const auto& one : fs::directory_iterator(SHEETS_FOLDER)) {
    const std::string stem = one.path().stem();
    if (one.path().extension() == ".png" && stem.starts_with(name + "-") &&
        stem.find_first_not_of("0123456789", name.size() + 1) == std::string::npos)
      out.push_back(one.path());
  }
  return out;
}

}  // namespace

Rendered::Rendered(const std::string& name, const std::string& pdf) {
  const fs::path folder = SHEETS_FOLDER;
  fs::create_directories(folder);
  for (const fs::path& old : pages_of(name)) fs::remove(old);
  const std::string stem = (folder / name).string();
  file_ = stem + ".pdf";
  std::ofstream(file_, std::ios::binary) << pdf;
  const std::string paint = "pdftoppm -r " + std::to_string(dots_per_inch) + " ";
  output_of(paint + "-png " + file_ + " " + stem);
  pictures_ = pictures_from(output_of(paint + file_));
}

std::string Rendered::text(int page) const {
  const std::string only =
      page == 0 ? "" : " -f " + std::to_string(page) + " -l " + std::to_string(page);
  std::string written = output_of("pdftotext -enc UTF-8 -layout" + only + " " + file_ + " -");
  constexpr std::string_view no_break = "\u00a0";
  for (std::size_t at = 0; (at = written.find(no_break, at)) != std::string::npos;)
    written.replace(at, no_break.size(), " ");
  std::istringstream words(written);
  std::string out, word;
  while (words >> word) out += (out.empty() ? "" : " ") + word;
  return out;
}

std::string Rendered::info(const std::string& name) const {
  std::istringstream lines(output_of("TZ=UTC pdfinfo -isodates -enc UTF-8 " + file_));
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with(name + ":")) continue;
    const std::size_t at = line.find_first_not_of(' ', name.size() + 1);
    return at == std::string::npos ? "" : line.substr(at);
  }
  return "";
}

std::string Rendered::faults() const {
  return output_of("qpdf --check " + file_ + " 2>&1 >/dev/null");
}

std::string Rendered::language() const {
  const std::string all = output_of("qpdf --json=1 --json-key=objects " + file_);
  constexpr std::string_view key = "\"/Lang\": \"";
  const std::size_t at = all.find(key);
  if (at == std::string::npos) return "";
  const std::size_t begin = at + key.size();
  return all.substr(begin, all.find('"', begin) - begin);
}

bool Rendered::ink_within(int page, double points) const {
  const Picture& one = picture(page);
  const int edge = static_cast<int>(points * dots_per_inch / 72);
  for (int y = 0; y < one.height; ++y) {
    for (int x = 0; x < one.width; ++x) {
      const bool outside = x < edge || y < edge || x >= one.width - edge || y >= one.height - edge;
      const auto at = static_cast<std::size_t>(y) * static_cast<std::size_t>(one.width) +
                      static_cast<std::size_t>(x);
      if (outside && one.greys[at] != 255) return true;
    }
  }
  return false;
}

}  // namespace rollcall::sheets::testing
