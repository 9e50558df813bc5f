#include "protocol/bulk.hpp"
#include "protocol/link_timing.hpp"
#include "protocol/little_endian.hpp"
#include "protocol/messages/ops.hpp"

namespace rollcall::protocol {

BulkChannel::BulkChannel(BulkSink* sink) : sink_(sink) {}

bool BulkChannel::on_message(Bytes payload, Millis now) {
  const auto op = peek_op(payload);
  if (!op) return false;
  switch (static_cast<Op>(*op)) {
    case Op::bulk_offer: {
      const auto offer = decode<BulkOffer>(payload);
      if (!offer) return false;
      if (sink_ != nullptr) {
        in_.on_offer(*offer, *sink_);
      } else {
        in_.end_due = BulkEnd{offer->transfer, BulkResult::refused, false};
      }
      return true;
    }
    case Op::bulk_accept: {
      const auto accept = decode<BulkAccept>(payload);
      if (accept) out_.on_accept(*accept, payload_ - bulk_limits::offset_size, ticks(now));
      return accept.has_value();
    }
    case Op::bulk_end: {
      const auto end = decode<BulkEnd>(payload);
      if (!end) return false;
      end->by_sender ? in_.on_end(*end) : out_.on_end(*end);
      return true;
    }
    default:
      return false;
  }
}

bool BulkChannel::message_due() const {
  return in_.accept_due || in_.end_due || out_.end_due || out_.offer_due;
}

std::size_t BulkChannel::take_message(MutableBytes out, Millis now) {
  const auto encoded = [&](const auto& message) {
    const auto size = encode(message, out);
    return size ? *size : 0;
  };
  const auto take = [&](auto& due) {
    const std::size_t size = encoded(*due);
    due.reset();
    return size;
  };
  if (in_.accept_due) return take(in_.accept_due);
  if (in_.end_due) return take(in_.end_due);
  if (out_.end_due) return take(out_.end_due);
  if (!out_.offer_due) return 0;
  out_.offered(ticks(now));
  return encoded(out_.offer());
}

void BulkChannel::down() {
  out_.drop();
  in_.drop();
  out_.offer_due = false;
  out_.end_due.reset();
  in_.accept_due.reset();
  in_.end_due.reset();
  in_.ack_due = false;
}

std::size_t BulkChannel::make_frame(FrameHeader& header, MutableBytes out, Ticks now) {
  if (in_.ack_due) {
    in_.ack_due = false;
    header.type = FrameType::bulk_ack;
    header.channel = in_.transfer();
    store_le32(out.data(), in_.expected());
    return bulk_limits::offset_size;
  }
  header.type = FrameType::bulk;
  header.channel = out_.offer().transfer;
  return out_.make_frame(out, now);
}

void BulkChannel::on_frame(const FrameHeader& header, Bytes payload, Ticks now) {
  if (payload.size() < bulk_limits::offset_size) return;
  const std::uint32_t offset = load_le32(payload.data());
  if (header.type == FrameType::bulk) {
    in_.on_frame(header.channel, offset, payload.subspan(bulk_limits::offset_size));
  } else if (header.channel == out_.offer().transfer) {
    out_.on_ack(offset, now);
  }
}

}  // namespace rollcall::protocol
