#include "provisioning/pack.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <system_error>
#include <vector>

#include <archive.h>
#include <archive_entry.h>

namespace rollcall::provisioning {
namespace {

namespace fs = std::filesystem;
using Bytes = std::expected<std::string, std::string>;

std::unexpected<std::string> problem(const fs::path& path, const char* what) {
  return std::unexpected(path.string() + ": " + what);
}

Bytes read_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary | std::ios::ate);
  if (!in) return problem(path, "cannot be read");
  const auto size = static_cast<std::size_t>(in.tellg());
  if (size > largest_roster) return problem(path, "is larger than 64 MiB");
  std::string bytes(size, '\0');
  in.seekg(0);
  in.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  if (!in) return problem(path, "cannot be read");
  return bytes;
}

std::vector<fs::path> csv_files(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder, ignored)) {
    if (entry.is_regular_file(ignored) && entry.path().extension() == ".csv")
      files.push_back(entry.path());
  }
  std::ranges::sort(files);
  return files;
}

struct Free {
  void operator()(archive* a) const { archive_write_free(a); }
  void operator()(archive_entry* e) const { archive_entry_free(e); }
};

la_ssize_t append(archive*, void* to, const void* bytes, std::size_t size) {
  static_cast<std::string*>(to)->append(static_cast<const char*>(bytes), size);
  return static_cast<la_ssize_t>(size);
}

Bytes zip(const fs::path& folder, const std::vector<fs::path>& files) {
  std::string bytes;
  const std::unique_ptr<archive, Free> out(archive_write_new());
  archive_write_set_format_zip(out.get());
  archive_write_open(out.get(), &bytes, nullptr, append, nullptr);
  for (const fs::path& file : files) {
    const auto text = read_file(file);
    if (!text) return text;
    const std::unique_ptr<archive_entry, Free> entry(archive_entry_new());
    archive_entry_set_pathname(entry.get(), file.filename().c_str());
    archive_entry_set_size(entry.get(), static_cast<la_int64_t>(text->size()));
    archive_entry_set_filetype(entry.get(), AE_IFREG);
    archive_entry_set_perm(entry.get(), 0600);
    if (archive_write_header(out.get(), entry.get()) != ARCHIVE_OK ||
        archive_write_data(out.get(), text->data(), text->size()) < 0) {
      return problem(file, "cannot be packed");
    }
  }
  if (archive_write_close(out.get()) != ARCHIVE_OK) return problem(folder, "cannot be packed");
  if (bytes.size() > largest_roster) return problem(folder, "is larger than 64 MiB");
  return bytes;
}

}  // namespace

std::expected<std::string, std::string> pack(const std::string& path) {
  std::error_code error;
  if (fs::is_directory(path, error)) {
    const auto files = csv_files(path);
    if (files.empty()) return problem(path, "has no .csv file");
    return zip(path, files);
  }
  auto bytes = read_file(path);
  if (bytes && bytes->empty()) return problem(path, "is empty");
  return bytes;
}

}  // namespace rollcall::provisioning
