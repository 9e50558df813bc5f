#include "daemon/roster/archive.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

#include <archive.h>
#include <archive_entry.h>

namespace rollcall::roster {
namespace {

struct Free {
  void operator()(archive* a) const { archive_read_free(a); }
};

std::string base_name(const char* path) {
  const std::string_view name = path == nullptr ? "" : path;
  return std::string(name.substr(name.find_last_of('/') + 1));
}

}  // namespace

std::expected<std::vector<File>, std::string> unpack(std::string_view bytes) {
  const std::unique_ptr<archive, Free> reader(archive_read_new());
  archive_read_support_format_zip(reader.get());
  if (archive_read_open_memory(reader.get(), bytes.data(), bytes.size()) != ARCHIVE_OK)
    return std::unexpected("this is no zip archive");
  std::vector<File> files;
  std::size_t total = 0;
  for (;;) {
    archive_entry* entry = nullptr;
    const int next = archive_read_next_header(reader.get(), &entry);
    if (next == ARCHIVE_EOF) break;
    if (next != ARCHIVE_OK) return std::unexpected("the archive is damaged, or no zip archive");
    if (archive_entry_filetype(entry) != AE_IFREG) continue;
    File file{base_name(archive_entry_pathname(entry)), {}};
    const bool twice =
        std::ranges::any_of(files, [&](const File& f) { return f.name == file.name; });
    if (twice) return std::unexpected("the archive has two files of one name");
    if (files.size() == most_files) return std::unexpected("the archive has more than 64 files");
    std::array<char, 64 * 1024> block{};
    for (;;) {
      const la_ssize_t got = archive_read_data(reader.get(), block.data(), block.size());
      if (got < 0) return std::unexpected("a file of the archive is damaged or encrypted");
      if (got == 0) break;
      total += static_cast<std::size_t>(got);
      if (total > longest_archive)
        return std::unexpected("the archive unpacks to more than 128 MiB");
      file.text.append(block.data(), static_cast<std::size_t>(got));
    }
    files.push_back(std::move(file));
  }
  if (files.empty()) return std::unexpected("the archive has no files");
  return files;
}

}  // namespace rollcall::roster
