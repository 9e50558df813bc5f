#include "daemon/delivery/batch.hpp"

#include <stdexcept>

#include <zlib.h>

#include "daemon/events/event.hpp"

namespace rollcall::delivery {
namespace {

constexpr int gzip_window = 15 + 16;  // zlib: largest window, gzip wrapper
constexpr int gzip_level = 3;         // most of the gain at a third of the time of level 6

}  // namespace

Batch make_batch(store::Database& db, std::string_view site, std::vector<Item> items,
                 std::int64_t now_ms, std::size_t max_json_bytes) {
  std::string events;
  std::size_t taken = 0;
  for (const Item& item : items) {
    const std::string event = events::to_cloudevent(db, site, item.position, item.attempt);
    if (taken > 0 && events.size() + event.size() > max_json_bytes) break;
    if (taken > 0) events += ',';
    events += event;
    ++taken;
  }
  items.resize(taken);

  Batch batch;
  batch.id = events::new_event_id(now_ms);
  batch.items = std::move(items);
  std::string json;
  json.reserve(events.size() + 512);
  // Ids, epochs and site codes hold no character that JSON would escape
  // (docs/api/events/common.json).
  json.append(R"({"batch":")").append(batch.id);
  json.append(R"(","site":")").append(site);
  json.append(R"(","range":{"epoch":")").append(batch.epoch());
  json.append(R"(","first":)").append(std::to_string(batch.first()));
  json.append(R"(,"last":)").append(std::to_string(batch.last()));
  json.append(R"(},"events":[)").append(events).append(R"(],"checkpoint":null})");
  batch.body = gzip(json);
  batch.digest = crypto::sha256(batch.body);
  return batch;
}

store::Blob gzip(std::string_view text) {
  z_stream stream{};
  if (deflateInit2(&stream, gzip_level, Z_DEFLATED, gzip_window, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
    throw std::runtime_error("zlib cannot start");
  }
  store::Blob out(deflateBound(&stream, static_cast<uLong>(text.size())));
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));  // zlib only reads it
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = out.data();
  stream.avail_out = static_cast<uInt>(out.size());
  const int result = deflate(&stream, Z_FINISH);
  out.resize(out.size() - stream.avail_out);
  deflateEnd(&stream);
  if (result != Z_STREAM_END) throw std::runtime_error("zlib cannot compress");
  return out;
}

std::optional<std::string> gunzip(std::span<const std::uint8_t> bytes, std::size_t max_bytes) {
  z_stream stream{};
  if (inflateInit2(&stream, gzip_window) != Z_OK) throw std::runtime_error("zlib cannot start");
  stream.next_in = const_cast<Bytef*>(bytes.data());  // zlib only reads it
  stream.avail_in = static_cast<uInt>(bytes.size());
  std::string out;
  int result = Z_OK;
  while (result == Z_OK && out.size() <= max_bytes) {
    char chunk[16 * 1024];
    stream.next_out = reinterpret_cast<Bytef*>(chunk);
    stream.avail_out = sizeof chunk;
    result = inflate(&stream, Z_NO_FLUSH);
    out.append(chunk, sizeof chunk - stream.avail_out);
  }
  inflateEnd(&stream);
  if (result != Z_STREAM_END || out.size() > max_bytes) return std::nullopt;
  return out;
}

}  // namespace rollcall::delivery
