// Reads a configuration file from disk, for the daemon and for --check-config.
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <ostream>
#include <sstream>

#include "daemon/config/config.hpp"

namespace rollcall::config {

constexpr std::uintmax_t largest_file = 1 << 20;  // bytes

std::expected<Config, std::vector<std::string>> load(const std::string& path) {
  const auto refuse = [&](const std::string& why) {
    return std::unexpected(std::vector<std::string>{path + ":1: " + why});
  };
  std::error_code error;
  const auto absolute = std::filesystem::absolute(path, error);
  if (std::filesystem::is_directory(absolute, error))
    return refuse("is a folder; name the configuration file in it");
  std::ifstream in{path, std::ios::binary};
  if (!in)
    return refuse(std::string{"cannot be read ("} + std::strerror(errno) +
                  "); name an existing TOML file");
  if (std::filesystem::file_size(absolute, error) > largest_file || error) {
    return refuse("is larger than 1 MiB or no regular file; this is no configuration");
  }
  std::ostringstream text;
  text << in.rdbuf();
  return parse(text.view(), path, absolute.parent_path().string());
}

int check(const std::string& path, std::ostream& out) {
  constexpr int ex_config = 78;
  const auto config = load(path);
  if (config) {
    out << path << ": correct; site " << config->site.id << ", data in " << config->data_dir
        << "\n";
    return 0;
  }
  for (const std::string& line : config.error()) out << line << "\n";
  return ex_config;
}

}  // namespace rollcall::config
