#include "protocol/cbor.hpp"

#include <limits>

namespace rollcall::protocol::cbor {
namespace {

// Values of the initial byte's five low bits (RFC 8949 section 3).
constexpr std::uint8_t info_one_byte = 24;  // 1, 2, 4, 8 argument bytes follow for 24..27
constexpr std::uint8_t info_eight_bytes = 27;
constexpr std::uint8_t info_indefinite = 31;
constexpr std::uint8_t simple_false = 20;
constexpr std::uint8_t simple_true = 21;
constexpr std::uint8_t first_simple_in_a_byte = 32;

// Bytes after the first one of the sequence that `lead` begins, -1 when nothing may begin so.
int continuation_bytes(std::uint8_t lead) {
  if (lead < 0x80) return 0;
  if (lead >= 0xc2 && lead <= 0xdf) return 1;
  if (lead >= 0xe0 && lead <= 0xef) return 2;
  if (lead >= 0xf0 && lead <= 0xf4) return 3;
  return -1;
}

// RFC 3629 section 4: after some leading bytes the second byte's range is narrower than 80..BF.
bool second_byte_fits(std::uint8_t lead, std::uint8_t second) {
  switch (lead) {
    case 0xe0:
      return second >= 0xa0;
    case 0xed:
      return second <= 0x9f;
    case 0xf0:
      return second >= 0x90;
    case 0xf4:
      return second <= 0x8f;
    default:
      return true;
  }
}

}  // namespace

bool is_utf8(Bytes text) {
  std::size_t at = 0;
  while (at < text.size()) {
    const std::uint8_t lead = text[at++];
    const int more = continuation_bytes(lead);
    if (more < 0 || static_cast<std::size_t>(more) > text.size() - at) return false;
    if (more > 0 && !second_byte_fits(lead, text[at])) return false;
    for (int i = 0; i < more; ++i) {
      if ((text[at++] & 0xc0) != 0x80) return false;
    }
  }
  return true;
}

void Writer::put(Bytes raw) {
  if (!ok_ || raw.size() > out_.size() - size_) {
    ok_ = false;
    return;
  }
  if (!raw.empty()) std::memcpy(out_.data() + size_, raw.data(), raw.size());
  size_ += raw.size();
}

void Writer::head(Major major, std::uint64_t argument) {
  const auto initial = static_cast<std::uint8_t>(static_cast<std::uint8_t>(major) << 5);
  if (argument < info_one_byte) {
    const std::uint8_t raw[] = {static_cast<std::uint8_t>(initial | argument)};
    put(raw);
    return;
  }
  unsigned log2_size = 0;
  while (log2_size < 3 && argument >> (8u << log2_size) != 0) ++log2_size;
  const unsigned size = 1u << log2_size;
  std::uint8_t raw[9] = {static_cast<std::uint8_t>(initial | (info_one_byte + log2_size))};
  for (unsigned i = 0; i < size; ++i) {
    raw[1 + i] = static_cast<std::uint8_t>(argument >> (8 * (size - 1 - i)));
  }
  put({raw, 1 + size});
}

void Writer::signed_int(std::int64_t value) {
  const auto raw = static_cast<std::uint64_t>(value);
  if (value < 0) {
    head(Major::negative_int, ~raw);  // -1 - value
  } else {
    head(Major::unsigned_int, raw);
  }
}

void Writer::boolean(bool value) {
  head(Major::simple, value ? simple_true : simple_false);
}

void Writer::string(Major major, Bytes value) {
  head(major, value.size());
  put(value);
}

std::expected<Bytes, CodecError> Reader::take(std::uint64_t count) {
  if (count > in_.size() - at_) return std::unexpected(CodecError::truncated);
  const Bytes taken = in_.subspan(at_, static_cast<std::size_t>(count));
  at_ += taken.size();
  return taken;
}

std::expected<Reader::Head, CodecError> Reader::head() {
  const auto initial = take(1);
  if (!initial) return std::unexpected(initial.error());
  Head head{};
  head.major = static_cast<Major>((*initial)[0] >> 5);
  head.info = (*initial)[0] & 0x1f;
  if (head.info < info_one_byte) {
    head.argument = head.info;
    return head;
  }
  if (head.info == info_indefinite) {
    // A break outside an indefinite item, or a type that has no indefinite form, is no item at all.
    const bool has_indefinite_form = head.major >= Major::bytes && head.major <= Major::map;
    return std::unexpected(has_indefinite_form ? CodecError::not_minimal : CodecError::wrong_type);
  }
  if (head.info > info_eight_bytes) return std::unexpected(CodecError::wrong_type);  // reserved

  const unsigned log2_size = head.info - info_one_byte;
  const auto raw = take(std::uint64_t{1} << log2_size);
  if (!raw) return std::unexpected(raw.error());
  for (const std::uint8_t byte : *raw) head.argument = head.argument << 8 | byte;

  if (head.major == Major::simple) {
    // Floats are taken at any width; a one-byte simple value must be one that needs the byte.
    if (log2_size == 0 && head.argument < first_simple_in_a_byte) {
      return std::unexpected(CodecError::wrong_type);
    }
    return head;
  }
  const std::uint64_t smallest =
      log2_size == 0 ? info_one_byte : std::uint64_t{1} << (4u << log2_size);
  if (head.argument < smallest) return std::unexpected(CodecError::not_minimal);
  return head;
}

std::expected<std::uint64_t, CodecError> Reader::argument_of(Major wanted) {
  const auto next = head();
  if (!next) return std::unexpected(next.error());
  if (next->major != wanted) return std::unexpected(CodecError::wrong_type);
  return next->argument;
}

std::expected<std::uint64_t, CodecError> Reader::array() {
  return argument_of(Major::array);
}

std::expected<std::uint64_t, CodecError> Reader::unsigned_int() {
  return argument_of(Major::unsigned_int);
}

std::expected<std::int64_t, CodecError> Reader::signed_int() {
  const auto next = head();
  if (!next) return std::unexpected(next.error());
  if (next->major != Major::unsigned_int && next->major != Major::negative_int) {
    return std::unexpected(CodecError::wrong_type);
  }
  if (next->argument > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
    return std::unexpected(CodecError::out_of_range);
  }
  const auto value = static_cast<std::int64_t>(next->argument);
  return next->major == Major::negative_int ? -1 - value : value;
}

std::expected<bool, CodecError> Reader::boolean() {
  const auto next = head();
  if (!next) return std::unexpected(next.error());
  if (next->major != Major::simple || (next->info != simple_false && next->info != simple_true)) {
    return std::unexpected(CodecError::wrong_type);
  }
  return next->info == simple_true;
}

std::expected<Bytes, CodecError> Reader::bytes() {
  const auto size = argument_of(Major::bytes);
  if (!size) return std::unexpected(size.error());
  return take(*size);
}

std::expected<Bytes, CodecError> Reader::text() {
  const auto size = argument_of(Major::text);
  if (!size) return std::unexpected(size.error());
  const auto value = take(*size);
  if (value && !is_utf8(*value)) return std::unexpected(CodecError::invalid_utf8);
  return value;
}

std::expected<void, CodecError> Reader::skip() {
  std::uint64_t left[max_skip_depth + 1] = {1};  // items still to come, per level of nesting
  int level = 0;
  while (true) {
    while (left[level] == 0) {
      if (level == 0) return {};
      --level;
    }
    --left[level];

    const auto next = head();
    if (!next) return std::unexpected(next.error());
    std::uint64_t inside = 0;
    switch (next->major) {
      case Major::bytes:
      case Major::text:
        if (const auto taken = take(next->argument); !taken) return std::unexpected(taken.error());
        continue;
      case Major::array:
        inside = next->argument;
        break;
      case Major::tag:
        inside = 1;
        break;
      case Major::map:
        // More pairs than bytes left: refused before the doubling can overflow.
        if (next->argument > in_.size() - at_) return std::unexpected(CodecError::truncated);
        inside = 2 * next->argument;
        break;
      case Major::unsigned_int:
      case Major::negative_int:
      case Major::simple:
        continue;
    }
    if (level == max_skip_depth) return std::unexpected(CodecError::too_deep);
    left[++level] = inside;
  }
}

}  // namespace rollcall::protocol::cbor
