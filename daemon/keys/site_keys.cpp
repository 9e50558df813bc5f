#include "daemon/keys/site_keys.hpp"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include <fcntl.h>
#include <openssl/rand.h>
#include <sys/stat.h>
#include <unistd.h>

namespace rollcall::keys {
namespace {

namespace fs = std::filesystem;
using Result = std::expected<void, std::string>;

constexpr const char* card_master_file = "card-master.key";

std::string because() {
  return std::string(": ") + std::strerror(errno);
}

class File {
 public:
  File(const std::string& path, int flags, mode_t mode = 0)
      : fd_(::open(path.c_str(), flags | O_CLOEXEC, mode)) {}
  ~File() {
    if (fd_ >= 0) ::close(fd_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  int get() const { return fd_; }
  bool is_open() const { return fd_ >= 0; }

 private:
  int fd_;
};

Result create(const std::string& path, MutableBytes key) {
  if (RAND_bytes(key.data(), static_cast<int>(key.size())) != 1) {
    return std::unexpected("cannot make " + path + ": the system gives no random numbers");
  }
  // Under a second name first: a key that is half written must never be found.
  const std::string fresh = path + ".new";
  {
    const File file(fresh, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (!file.is_open() ||
        ::write(file.get(), key.data(), key.size()) != static_cast<ssize_t>(key.size()) ||
        ::fsync(file.get()) != 0) {
      return std::unexpected("cannot write " + fresh + because());
    }
  }
  if (::rename(fresh.c_str(), path.c_str()) != 0)
    return std::unexpected("cannot write " + path + because());
  const File folder(fs::path(path).parent_path().string(), O_RDONLY | O_DIRECTORY);
  if (!folder.is_open() || ::fsync(folder.get()) != 0)
    return std::unexpected("cannot write " + path + because());
  return {};
}

Result read(const std::string& path, MutableBytes key) {
  const File file(path, O_RDONLY);
  struct stat info{};
  if (!file.is_open() || ::fstat(file.get(), &info) != 0)
    return std::unexpected("cannot read " + path + because());
  if ((info.st_mode & 077) != 0) {
    return std::unexpected(path + " can be read by others; check who had it, then: chmod 600 " +
                           path);
  }
  if (info.st_size != static_cast<off_t>(key.size()) ||
      ::read(file.get(), key.data(), key.size()) != static_cast<ssize_t>(key.size())) {
    return std::unexpected(path + " is not a key of " + std::to_string(key.size()) +
                           " bytes; put it back from a backup");
  }
  return {};
}

fs::path folder_of(const std::string& data_dir) {
  return fs::path(data_dir) / "keys";
}

Result make_card_master(const std::string& path, SiteKeys& keys) {
  credentials::Secret& master = keys.card_master.emplace();
  return create(path, master.bytes());
}

}  // namespace

std::expected<SiteKeys, std::string> load_or_create(const std::string& data_dir) {
  const fs::path folder = folder_of(data_dir);
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) return std::unexpected("cannot make " + folder.string() + ": " + error.message());
  fs::permissions(folder, fs::perms::owner_all, error);

  SiteKeys keys;
  const bool has_data = fs::exists(fs::path(data_dir) / "rollcall.db");
  for (auto [name, key] :
       {std::pair{"site.key", &keys.site_private}, std::pair{"card.key", &keys.card_key}}) {
    const std::string path = (folder / name).string();
    const bool first_start = !fs::exists(path) && !has_data;
    if (const Result done = first_start ? create(path, *key) : read(path, *key); !done) {
      return std::unexpected(done.error());
    }
  }
  const std::string master = (folder / card_master_file).string();
  Result done;
  if (fs::exists(master)) {
    done = read(master, keys.card_master.emplace().bytes());
  } else if (!has_data) {
    done = make_card_master(master, keys);
  }
  if (!done) return std::unexpected(done.error());
  const auto site_public = crypto::x25519_public(keys.site_private);
  if (!site_public)
    return std::unexpected("the site key in " + folder.string() + " gives no public key");
  keys.site_public = *site_public;
  return keys;
}

std::expected<void, std::string> add_card_master(const std::string& data_dir, SiteKeys& keys,
                                                 bool cards_issued) {
  if (keys.card_master) return {};
  const std::string path = (folder_of(data_dir) / card_master_file).string();
  if (cards_issued) {
    return std::unexpected(path +
                           " is missing, and cards were issued with it; put it back from a "
                           "backup");
  }
  return make_card_master(path, keys);
}

}  // namespace rollcall::keys
