// Both directions of bulk transfers with a hostile peer: content stays within what was offered, in
// order and whole where it is called complete; never more is under way than the window.
#include <set>

#include "protocol/bulk.hpp"
#include "protocol/little_endian.hpp"
#include "tests/fuzz/bulk_script.hpp"
#include "tests/fuzz/input.hpp"
#include "tests/fuzz/messages.hpp"

namespace rollcall::protocol::fuzz {
namespace {

constexpr std::size_t payload = 100;
constexpr std::size_t chunk = payload - bulk_limits::offset_size;

std::uint8_t byte_at(std::size_t offset) {
  return static_cast<std::uint8_t>(offset * 7 + offset / 256);
}
Buffer content(std::size_t size) {
  Buffer out(size);
  for (std::size_t i = 0; i < size; ++i) out[i] = byte_at(i);
  return out;
}

class Peerless final : public BulkSource, public BulkSink {
 public:
  Peerless() : channel_(this) { channel_.up(payload); }

  void step(Input& in) {
    switch (static_cast<BulkStep>(in.byte() % static_cast<std::uint8_t>(BulkStep::count))) {
      case BulkStep::message:
        static_cast<void>(channel_.on_message(in.bytes(), now_));
        break;
      case BulkStep::offer: {
        const std::uint8_t transfer = in.byte();
        const std::uint16_t bytes = in.word();
        held_next_ = in.word();
        digest_ = crypto::sha256(content(bytes));
        tell(BulkOffer{transfer, BulkKind::queue, 0, bytes, digest_});
        break;
      }
      case BulkStep::content: {
        const std::uint8_t transfer = in.byte();
        Buffer bytes(in.byte());
        for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = byte_at(kept_.size() + i);
        frame(FrameType::bulk, transfer, static_cast<std::uint32_t>(kept_.size()), bytes);
        break;
      }
      case BulkStep::frame: {
        const FrameType type = (in.byte() & 1) != 0 ? FrameType::bulk : FrameType::bulk_ack;
        const std::uint8_t transfer = in.byte();
        channel_.on_frame({type, 0, transfer, 0}, in.bytes(), ticks(now_));
        break;
      }
      case BulkStep::send:
        sent_size_ = in.word();
        acked_ = reached_ = 0;
        ++transfer_;
        channel_.send(BulkKind::log, 0, sent_size_, {}, *this);
        sending_ = true;
        break;
      case BulkStep::accept: {
        const std::uint8_t window = in.byte();
        const std::uint16_t offset = in.word();
        const bool counts = sending_ && !window_;
        if (counts && window != 0 && offset <= sent_size_) {
          window_ = std::min(window, bulk_limits::largest_window);
          acked_ = reached_ = offset;
        }
        tell(BulkAccept{transfer_, offset, window});
        break;
      }
      case BulkStep::ack: {
        const std::uint16_t offset = in.word();
        if (offset <= reached_) acked_ = std::max<std::uint32_t>(acked_, offset);
        frame(FrameType::bulk_ack, transfer_, offset, {});
        break;
      }
      case BulkStep::take:
        take();
        break;
      case BulkStep::say: {
        std::uint8_t message[100];
        const bool due = channel_.message_due();
        require((channel_.take_message(message, now_) != 0) == due);
        break;
      }
      case BulkStep::wait:
        now_ += Millis(10 * in.byte());
        channel_.poll(ticks(now_));
        break;
      case BulkStep::cancel:
        (in.byte() & 1) != 0 ? channel_.cancel_sending() : channel_.cancel_receiving();
        break;
      case BulkStep::down:
        channel_.down();
        sending_ = receiving_ = false;
        window_.reset();
        require(!channel_.frame_due() && !channel_.message_due());
        break;
      case BulkStep::count:
        break;
    }
    require(channel_.sending() == sending_);
  }

  bool read(std::uint32_t offset, MutableBytes out) override {
    require(offset <= sent_size_ && out.size() <= sent_size_ - offset && out.size() <= chunk);
    require(window_ && offset + out.size() <= acked_ + *window_ * chunk);
    reached_ = std::max(reached_, offset + static_cast<std::uint32_t>(out.size()));
    return true;
  }
  void ended(BulkResult) override {
    require(std::exchange(sending_, false));
    window_.reset();
  }

  std::expected<std::uint32_t, BulkResult> begin(const BulkOffer& offer) override {
    require(!receiving_);
    if (offer.kind == BulkKind::firmware) return std::unexpected(BulkResult::refused);
    receiving_ = true;
    offered_ = offer;
    kept_ = content(std::min<std::size_t>(held_next_, 2000));
    return static_cast<std::uint32_t>(kept_.size());
  }
  bool held(std::uint32_t offset, MutableBytes out) override {
    require(offset + out.size() <= kept_.size());
    std::copy_n(kept_.begin() + offset, out.size(), out.begin());
    return true;
  }
  bool write(std::uint32_t offset, Bytes bytes) override {
    require(receiving_ && offset <= kept_.size() && !bytes.empty());
    require(offset == kept_.size() || (offset == 0 && kept_.size() > offered_.bytes));
    require(offset + bytes.size() <= offered_.bytes);
    kept_.resize(offset);
    kept_.insert(kept_.end(), bytes.begin(), bytes.end());
    return true;
  }
  BulkResult end(BulkResult result) override {
    require(std::exchange(receiving_, false));
    if (result == BulkResult::complete) {
      if (kept_.size() > offered_.bytes) kept_.clear();  // an empty content
      require(kept_.size() == offered_.bytes && crypto::sha256(kept_) == offered_.digest);
    }
    return result;
  }

 private:
  template <class Message>
  void tell(const Message& message) {
    require(channel_.on_message(encoded(message), now_));
  }
  void frame(FrameType type, std::uint8_t transfer, std::uint32_t offset, const Buffer& bytes) {
    Buffer all(bulk_limits::offset_size);
    store_le32(all.data(), offset);
    all.insert(all.end(), bytes.begin(), bytes.end());
    channel_.on_frame({type, 0, transfer, 0}, all, ticks(now_));
  }
  void take() {
    if (!channel_.frame_due()) return;
    FrameHeader header;
    std::uint8_t out[payload];
    const std::size_t size = channel_.make_frame(header, out, ticks(now_));
    require(size >= bulk_limits::offset_size);
    require(header.type == FrameType::bulk_ack || header.channel == transfer_);
  }

  BulkChannel channel_;
  Millis now_{0};
  std::uint32_t sent_size_ = 0, acked_ = 0, reached_ = 0;
  std::uint8_t transfer_ = 0;
  std::optional<std::uint8_t> window_;
  bool sending_ = false;
  std::size_t held_next_ = 0;
  crypto::Digest digest_{};
  BulkOffer offered_;
  Buffer kept_;
  bool receiving_ = false;
};

void run(Bytes bytes) {
  Input in(bytes);
  Peerless end;
  while (!in.at_end()) end.step(in);
}

}  // namespace
}  // namespace rollcall::protocol::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  rollcall::protocol::fuzz::run({data, size});
  return 0;
}
