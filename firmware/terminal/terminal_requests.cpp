// What the host asks for beside the conversation about taps.
#include <algorithm>

#include "firmware/terminal/terminal.hpp"

namespace rollcall::firmware {

using namespace terminal_timing;
using protocol::Op;
using protocol::ReplyStatus;

namespace {
constexpr std::uint16_t longest_identify = 60;  // seconds
}  // namespace

void Terminal::reply(Op to, ReplyStatus status) {
  // A host that asks for more than can be answered at once has to ask again.
  if (!replies_.push({static_cast<std::uint16_t>(to), status})) ++counters_.bad_messages;
}

void Terminal::handle(const protocol::Feedback& feedback) {
  if (feedback.outcome < protocol::Outcome::arrived ||
      feedback.outcome > protocol::Outcome::not_recorded) {
    ++counters_.bad_messages;
    return;
  }
  feedback_due_ = feedback;
}

void Terminal::handle(const protocol::CardWatch& watch) {
  watching_cards_ = watch.on;
  watched_ = {};
}

void Terminal::handle(const protocol::ApduRequest& request) {
  if (!exchange_.request(request, now_)) ++counters_.bad_messages;
}

void Terminal::handle(const protocol::Identify& identify) {
  if (identify.seconds > longest_identify) return reply(Op::identify, ReplyStatus::refused);
  identify_until_ = now_ + std::chrono::seconds(identify.seconds);
  identify_tune_at_ = now_;
  reply(Op::identify, ReplyStatus::done);
}

void Terminal::handle(const protocol::StatsRequest&) {
  stats_due_ = true;
}

void Terminal::handle(const protocol::LogRequest&) {
  if (!devices_.log) return reply(Op::log_request, ReplyStatus::unsupported);
  if (devices_.log->empty()) return reply(Op::log_request, ReplyStatus::refused);
  // One that waits or runs answers this one too.
  if (!log_transfer_.under_way()) log_due_ = true;
}

// Between two transfers of the queue; meanwhile its taps go as messages.
bool Terminal::send_log() {
  if (!log_due_ || upload_.transferring()) return false;
  log_due_ = false;
  const LogTransfer::Content content = log_transfer_.begin(*devices_.log);
  bulk_.send(protocol::BulkKind::log, 0, content.bytes, content.digest, log_transfer_);
  log(Event::log_read, content.bytes);
  return true;  // its offer is due now
}

void Terminal::handle(const protocol::UpdateOffer& offer) {
  update_.on_offer(offer);
}

void Terminal::handle(const protocol::Configure& configure) {
  const bool known_mode = configure.mode >= protocol::TerminalMode::training &&
                          configure.mode <= protocol::TerminalMode::work_site;
  if (!known_mode) return reply(Op::configure, ReplyStatus::refused);
  const auto same_text = [](Bytes a, Bytes b) { return std::ranges::equal(a, b); };
  // A host says it in each conversation: what is kept already wears nothing out.
  if (same_text(configure.room.view(), settings_->room.view()) &&
      same_text(configure.languages.view(), settings_->languages.view()) &&
      configure.mode == settings_->mode) {
    return reply(Op::configure, ReplyStatus::done);
  }
  Settings wanted = *settings_;
  wanted.room = configure.room;
  wanted.mode = configure.mode;
  wanted.languages = configure.languages;
  reply(Op::configure, save(wanted) ? ReplyStatus::done : ReplyStatus::failed);
}

void Terminal::handle(const protocol::RotateKey& rotate) {
  if (rotate.key == settings_->link_key) return reply(Op::rotate_key, ReplyStatus::done);
  Settings wanted = *settings_;
  wanted.link_key = rotate.key;
  reply(Op::rotate_key, save(wanted) ? ReplyStatus::done : ReplyStatus::failed);
}

void Terminal::handle(const protocol::Reboot& reboot) {
  if (!devices_.reset) return reply(Op::reboot, ReplyStatus::unsupported);
  const Millis at = now_ + Millis(reboot.delay_ms);
  reboot_ = {at, at + reboot_patience};
  reply(Op::reboot, ReplyStatus::done);
}

void Terminal::restart() {
  if (devices_.reset) reboot_ = {now_, now_ + reboot_patience};
}

// When the reply is out, no tap waits for its answer, and what is known of acknowledgements is
// durable.
void Terminal::run_reboot() {
  if (!reboot_ || now_ < reboot_->at || waiting_) return;
  const bool reply_is_out =
      replies_.empty() && (link_.can_send() || link_.state() != protocol::LinkState::up);
  if (!reply_is_out && now_ < reboot_->latest) return;
  reboot_.reset();
  if (recovered_) (void)queue_.record_acknowledgements();  // else: a resend
  link_.close(now_);
  run_output();
  log(Event::restart);
  devices_.reset->restart();
}

protocol::Stats Terminal::stats() {
  const protocol::LinkCounters& link = link_.counters();
  protocol::Stats stats;
  stats.uptime_ms = static_cast<std::uint64_t>(now_.count());
  stats.taps = counters_.taps;
  stats.not_accepted = counters_.not_accepted;
  stats.gave_up = counters_.gave_up;
  stats.late_answers = counters_.late_answers;
  stats.retransmissions = link.retransmissions;
  stats.bad_frames =
      link.bad_crc + link.bad_cobs + link.too_long + link.too_short + link.unknown_type;
  stats.bad_tags = link.bad_tag;
  stats.bad_messages = counters_.bad_messages;
  stats.storage_errors = counters_.storage_errors + update_.storage_errors();
  stats.reader_errors = devices_.reader.errors();
  if (devices_.screens) {
    stats.screens_stored = devices_.screens->stored();
    stats.storage_errors += devices_.screens->storage_errors() + devices_.screens->damaged();
  }
  return stats;
}

}  // namespace rollcall::firmware
