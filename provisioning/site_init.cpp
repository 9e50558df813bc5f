#include "provisioning/site_init.hpp"

#include <cerrno>
#include <cstring>
#include <expected>
#include <filesystem>
#include <ostream>

#include <fcntl.h>
#include <nlohmann/json.hpp>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/config/config.hpp"
#include "daemon/keys/site_keys.hpp"

namespace rollcall::provisioning {
namespace {

namespace fs = std::filesystem;
using Made = std::expected<void, std::string>;

// A basic string of TOML; what JSON escapes, TOML escapes in the same way.
std::string quoted(const std::string& text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string quoted(const std::vector<std::string>& texts) {
  std::string out;
  for (const std::string& text : texts) out += (out.empty() ? "" : ", ") + quoted(text);
  return "[" + out + "]";
}

std::string because() {
  return std::string{": "} + std::strerror(errno);
}

// One sentence for each value that cannot be; empty when all can.
std::string problems_of(const NewSite& site, const std::string& folder) {
  const auto config = config::parse(first_configuration(site), "", folder);
  if (config) return {};
  std::string all;
  for (const std::string& line : config.error()) {
    const auto text = line.find(": ");  // behind the place in a file that does not exist yet
    all += (text == std::string::npos ? line : line.substr(text + 2)) + "\n";
  }
  return all;
}

Made make_private_folder(const fs::path& folder) {
  if (::mkdir(folder.c_str(), 0700) == 0) return {};
  const bool there = errno == EEXIST;
  if (!there) return std::unexpected("cannot make " + folder.string() + because());
  if (::chmod(folder.c_str(), 0700) != 0)
    return std::unexpected("cannot make " + folder.string() + " private" + because());
  return {};
}

Made write_new(const fs::path& path, const std::string& text) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0) return std::unexpected("cannot make " + path.string() + because());
  const bool written =
      ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
      ::fsync(file) == 0;
  const std::string why = because();
  ::close(file);
  if (!written) return std::unexpected("cannot write " + path.string() + why);
  return {};
}

std::string hex(const crypto::Key& key) {
  constexpr const char* digits = "0123456789abcdef";
  std::string out;
  for (const std::uint8_t byte : key) {
    out += digits[byte >> 4];
    out += digits[byte & 15];
  }
  return out;
}

Made make(const NewSite& site, const fs::path& folder, std::string& public_key) {
  std::error_code error;
  if (folder.has_parent_path()) fs::create_directories(folder.parent_path(), error);
  if (error)
    return std::unexpected("cannot make " + folder.parent_path().string() + ": " + error.message());
  const fs::path data = folder / "data";
  for (const fs::path& one : {folder, data})
    if (Made made = make_private_folder(one); !made) return made;
  const auto keys = keys::load_or_create(data.string());
  if (!keys) return std::unexpected(keys.error());
  public_key = hex(keys->site_public);
  return write_new(folder / "rollcall.toml", first_configuration(site));
}

}  // namespace

std::string first_configuration(const NewSite& site) {
  return "# Rollcall, site " + site.id + R"(. Every key is described in docs/configuration.md.
# Paths are relative to this file. `rollcalld --check-config FILE` tells what is wrong with it.

data_dir = "data"  # database, keys and control socket; only the daemon's user may enter

[site]
id = )" + quoted(site.id) +
         R"(  # in every event; never change it once there are events
organisation = )" +
         quoted(site.organisation) + R"(
name = )" +
         quoted(site.name) + R"(
timezone = )" +
         quoted(site.timezone) + R"(
languages = )" +
         quoted(site.languages) + R"(  # of the screens, the site's own first

[links]
listen = [)" +
         quoted(site.link) + R"(]  # where terminals connect, each with the key of its enrolment

[console]
address = "127.0.0.1"  # loopback only: the page has no sign-in
port = )" +
         std::to_string(site.console_port) + R"(

# Who comes, with which card, and when. Without these every tap is kept and waits for staff.
# [roster]
# people = "people.csv"
# cards = "cards.csv"
# sessions = "sessions.csv"
# enrolments = "enrolments.csv"
# guardians = "guardians.csv"

# The central case system. Without it every event is kept here and waits.
# [delivery]
# url = "https://case-system.example"
# ca_file = "ca.pem"

# Terminals are not listed here: enrol each one once, with `rollcall terminal enrol`.
)";
}

Exit init_site(const NewSite& site, std::ostream& out, std::ostream& err) {
  std::error_code error;
  fs::path folder = fs::absolute(site.folder, error).lexically_normal();
  if (!folder.has_filename()) folder = folder.parent_path();  // "site/" is "site"
  if (const std::string wrong = problems_of(site, folder.string()); !wrong.empty()) {
    err << wrong << "Nothing was made.\n";
    return Exit::usage;
  }
  if (fs::exists(folder, error) &&
      (!fs::is_directory(folder, error) || !fs::is_empty(folder, error))) {
    err << folder.string()
        << " exists and is not empty. Nothing was made or changed; name a new folder.\n";
    return Exit::refused;
  }
  std::string public_key;
  if (const Made made = make(site, folder, public_key); !made) {
    err << made.error()
        << "\nThe site is not complete. Nothing that existed was overwritten; remove "
        << folder.string() << " and begin again when the cause is gone.\n";
    return Exit::refused;
  }
  const std::string file = (folder / "rollcall.toml").string();
  out << "Made the site " << site.id << " in " << folder.string() << ":\n"
      << "  rollcall.toml              its configuration\n"
      << "  data/keys/site.key         opens what its terminals sealed\n"
      << "  data/keys/card.key         makes cards known without their numbers\n"
      << "  data/keys/card-master.key  makes the keys of the cards that it issues\n"
      << "Its public key is " << public_key << ".\n\n"
      << "Next:\n"
      << "  1. Copy data/keys to a safe place, apart from any backup of the database. Without "
         "these "
         "files neither its data nor its cards can be used.\n"
      << "  2. Say in rollcall.toml where people, timetable and case system are.\n"
      << "  3. Start it:              rollcalld --config " << file << "\n"
      << "  4. Enrol each terminal:   rollcall --config " << file
      << " terminal enrol SERIAL --room ROOM --mode training\n";
  return Exit::done;
}

}  // namespace rollcall::provisioning
