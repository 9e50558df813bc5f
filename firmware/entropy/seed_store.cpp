#include "firmware/entropy/seed_store.hpp"

namespace rollcall::firmware {
namespace {

constexpr std::size_t body_size = 1 + 32;

constexpr KeptRecord::Format format{
    .kind = queue::RecordKind::seed,
    .magic = {'R', 'C', 'S', 'E', 'E', 'D', 0, 0},
    .version = 1,
    .max_body = body_size,
    .is_whole = [](Bytes body) { return body.size() == body_size && body[0] <= 1; },
};

SeedError error_of(KeptError error) {
  return error == KeptError::storage ? SeedError::storage : SeedError::bad_geometry;
}

}  // namespace

SeedStore::SeedStore(hal::Storage& storage) : record_(storage, format) {}

std::expected<Seed, SeedError> SeedStore::load() {
  KeptRecord::Buffer buffer;
  const auto found = record_.find(buffer);
  if (!found) return std::unexpected(error_of(found.error()));
  if (found->newer_format) return std::unexpected(SeedError::newer_format);
  if (found->body.empty()) return std::unexpected(SeedError::none);
  Seed seed;
  queue::Reader r(found->body);
  seed.secret = r.number<std::uint8_t>() == 1;
  r.bytes(seed.value);
  seed.generation = found->generation;
  return seed;
}

std::expected<void, SeedError> SeedStore::replace(const crypto::Key& value, bool secret) {
  KeptRecord::Buffer buffer;
  const auto before = record_.find(buffer);
  if (!before) return std::unexpected(error_of(before.error()));
  if (before->newer_format) return std::unexpected(SeedError::newer_format);
  SecretBuffer<body_size> body;
  queue::Writer w(body.bytes);
  w.number(static_cast<std::uint8_t>(secret ? 1 : 0));
  w.bytes(value);
  if (!record_.replace(*before, body.bytes)) return std::unexpected(SeedError::storage);
  // What was in use before is another unit than the one just written, which has the highest
  // generation.
  const auto now = record_.find(buffer);
  if (!now || !record_.erase_others(now->unit)) return std::unexpected(SeedError::storage);
  return {};
}

}  // namespace rollcall::firmware
