#include "firmware/settings/store.hpp"

#include "firmware/queue/format.hpp"

namespace rollcall::firmware {
namespace {

constexpr std::size_t max_size = 32 + 32 + 1 + (1 + 32) + (1 + 48) + (1 + 32);
static_assert(KeptRecord::head + max_size <= queue::max_payload);

template <std::size_t Capacity>
void write_text(queue::Writer& w, const Bounded<Capacity>& text) {
  w.number(static_cast<std::uint8_t>(text.size));
  w.bytes(text.view());
}

template <std::size_t Capacity>
bool read_text(queue::Reader& r, Bounded<Capacity>& text) {
  const auto size = r.number<std::uint8_t>();
  if (size > Capacity) return false;
  text.size = size;
  r.bytes({text.data, size});
  return r.good();
}

std::size_t write_settings(const Settings& settings, MutableBytes out) {
  queue::Writer w(out.data());
  w.bytes(settings.link_key);
  w.bytes(settings.site_key);
  w.number(static_cast<std::uint8_t>(settings.mode));
  write_text(w, settings.site);
  write_text(w, settings.room);
  write_text(w, settings.languages);
  return w.size();
}

bool read_settings(Bytes body, Settings& out) {
  queue::Reader r(body);
  r.bytes(out.link_key);
  r.bytes(out.site_key);
  out.mode = static_cast<protocol::TerminalMode>(r.number<std::uint8_t>());
  return read_text(r, out.site) && read_text(r, out.room) && read_text(r, out.languages) &&
         r.rest().empty();
}

constexpr KeptRecord::Format format{
    .kind = queue::RecordKind::settings,
    .magic = {'R', 'C', 'S', 'E', 'T', 'U', 'P', 0},
    .version = 1,
    .max_body = max_size,
    .is_whole =
        [](Bytes body) {
          Settings settings;
          return read_settings(body, settings);
        },
};

SettingsError error_of(KeptError error) {
  return error == KeptError::storage ? SettingsError::storage : SettingsError::bad_geometry;
}

}  // namespace

SettingsStore::SettingsStore(hal::Storage& storage) : record_(storage, format) {}

std::expected<Settings, SettingsError> SettingsStore::load() {
  KeptRecord::Buffer buffer;
  const auto found = record_.find(buffer);
  if (!found) return std::unexpected(error_of(found.error()));
  if (found->newer_format) return std::unexpected(SettingsError::newer_format);
  Settings settings;
  if (read_settings(found->body, settings)) {
    settings.generation = found->generation;
    return settings;
  }
  const auto blank = record_.blank();
  if (!blank) return std::unexpected(SettingsError::storage);
  return std::unexpected(*blank ? SettingsError::none : SettingsError::damaged);
}

std::expected<std::uint64_t, SettingsError> SettingsStore::save(const Settings& settings) {
  KeptRecord::Buffer buffer;
  const auto before = record_.find(buffer);
  if (!before) return std::unexpected(error_of(before.error()));
  if (before->newer_format) return std::unexpected(SettingsError::newer_format);
  SecretBuffer<max_size> body;
  const auto generation =
      record_.replace(*before, {body.bytes, write_settings(settings, body.bytes)});
  if (!generation) return std::unexpected(SettingsError::storage);
  return *generation;
}

std::expected<void, SettingsError> SettingsStore::erase() {
  KeptRecord::Buffer buffer;
  const auto before = record_.find(buffer);
  if (!before) return std::unexpected(error_of(before.error()));
  if (!record_.erase(before->unit)) return std::unexpected(SettingsError::storage);
  return {};
}

}  // namespace rollcall::firmware
