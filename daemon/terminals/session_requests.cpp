// What staff ask a terminal for, and what it says of itself.
#include <algorithm>

#include "daemon/log/log.hpp"
#include "daemon/terminals/journal.hpp"
#include "daemon/terminals/session.hpp"

namespace rollcall::terminals {

namespace asio = boost::asio;
using protocol::Op;
using protocol::ReplyStatus;

// Questions and answers --------------------------------------------------------------------------

asio::awaitable<std::expected<ReplyStatus, std::string>> Session::answer_to(
    Op op, std::chrono::milliseconds limit) {
  const auto self = shared_from_this();
  if (questions_.size() >= max_questions)
    co_return std::unexpected("the terminal has not answered earlier questions yet");
  Question question{op, Signal(executor_), std::nullopt};
  struct Listed {
    std::vector<Question*>& list;
    Question* one;
    ~Listed() { std::erase(list, one); }
  } const listed{questions_, &question};
  questions_.push_back(&question);
  const auto until = Clock::now() + limit;
  while (!question.answer && stage_ == Stage::serving && Clock::now() < until) {
    co_await question.signal.wait(until);
  }
  if (!question.answer) co_return std::unexpected("the terminal did not answer in time");
  co_return *question.answer;
}

// Answers come in the order of the questions. False: nobody waits for this one.
bool Session::answered(std::uint16_t op, ReplyStatus status) {
  const auto asked = std::ranges::find_if(questions_, [op](const Question* question) {
    return !question->answer && static_cast<std::uint16_t>(question->op) == op;
  });
  if (asked == questions_.end()) return false;
  (*asked)->answer = status;
  (*asked)->signal.notify();
  return true;
}

void Session::handle_reply(const protocol::Reply& reply) {
  // `stats` itself is the answer to its request.
  const bool says_done = reply.status == ReplyStatus::done;
  const bool stats = reply.to == static_cast<std::uint16_t>(Op::stats_request);
  if (!stats || !says_done) answered(reply.to, reply.status);
  if (says_done) return;
  logging::warning(
      "terminal could not do what it was told",
      {{"terminal", serial_}, {"op", reply.to}, {"status", static_cast<unsigned>(reply.status)}});
}

asio::awaitable<std::expected<void, std::string>> Session::hand_over_key(crypto::Key key) {
  const auto self = shared_from_this();
  if (stage_ != Stage::serving) co_return std::unexpected("the terminal is not connected");
  send(protocol::RotateKey{key});
  crypto::wipe(key);
  const auto stored = co_await answer_to(Op::rotate_key);
  if (!stored) co_return std::unexpected(stored.error());
  if (*stored != ReplyStatus::done)
    co_return std::unexpected("the terminal could not store the new key");
  co_return std::expected<void, std::string>{};
}

asio::awaitable<std::expected<void, std::string>> Session::identify(std::chrono::seconds time) {
  const auto self = shared_from_this();
  if (stage_ != Stage::serving) co_return std::unexpected("the terminal is not connected");
  send(protocol::Identify{static_cast<std::uint16_t>(time.count())});
  const auto done = co_await answer_to(Op::identify);
  if (!done) co_return std::unexpected(done.error());
  if (*done != ReplyStatus::done)
    co_return std::unexpected("the terminal says that it cannot do that");
  co_return std::expected<void, std::string>{};
}

asio::awaitable<std::expected<protocol::Stats, std::string>> Session::stats() {
  const auto self = shared_from_this();
  if (stage_ != Stage::serving) co_return std::unexpected("the terminal is not connected");
  stats_.reset();
  send(protocol::StatsRequest{});
  const auto told = co_await answer_to(Op::stats_request);
  if (!told) co_return std::unexpected(told.error());
  if (!stats_) co_return std::unexpected("the terminal says that it cannot do that");
  co_return *stats_;
}

void Session::handle_stats(const protocol::Stats& stats) {
  stats_ = stats;
  answered(static_cast<std::uint16_t>(Op::stats_request), ReplyStatus::done);
}

// One transfer answers everybody who has asked by then.
asio::awaitable<std::expected<std::string, std::string>> Session::log() {
  const auto self = shared_from_this();
  if (stage_ != Stage::serving) co_return std::unexpected("the terminal is not connected");
  send(protocol::LogRequest{});
  const auto told = co_await answer_to(Op::log_request, log_limit);
  if (!told) co_return std::unexpected(told.error());
  if (*told == ReplyStatus::unsupported) co_return std::unexpected("the terminal keeps no log");
  if (*told == ReplyStatus::refused) co_return std::unexpected("the terminal's log is empty");
  if (*told != ReplyStatus::done)
    co_return std::unexpected("the terminal's log did not arrive as text");
  co_return log_;
}

bool Session::asked_for_log() const {
  return std::ranges::any_of(questions_, [](const Question* question) {
    return question->op == Op::log_request && !question->answer;
  });
}

void Session::log_ended(std::optional<std::string> text) {
  const ReplyStatus status = text ? ReplyStatus::done : ReplyStatus::failed;
  if (text) log_ = std::move(*text);
  while (answered(static_cast<std::uint16_t>(Op::log_request), status)) {
  }
}

// Firmware ---------------------------------------------------------------------------------------

void Session::offer_update(const protocol::UpdateOffer& offer) {
  send(offer);
}

void Session::send_image(std::shared_ptr<const std::vector<std::uint8_t>> image,
                         const crypto::Digest& digest) {
  transfers_.put(
      {.rank = Transfer::Rank::firmware,
       .kind = protocol::BulkKind::firmware,
       .content = std::move(image),
       .digest = digest,
       .begins = nullptr,
       .sent = [this](std::uint32_t bytes) { owner_.update().sent(*this, bytes); },
       .ended =
           [this](protocol::BulkResult result) { owner_.update().transfer_ended(*this, result); }});
  pump();
}

void Session::drop_image() {
  transfers_.drop(Transfer::Rank::firmware);
  pump();
}

void Session::handle_update_state(const protocol::UpdateState& state) {
  owner_.update().heard(*this, state);
}

// Tampering --------------------------------------------------------------------------------------

void Session::handle_tamper(const protocol::Tamper& tamper) {
  const auto sensor = static_cast<std::uint8_t>(tamper.sensor);
  if (sensor < 1 || sensor > 4) return fault(owner_.counters().bad_messages, "an unknown sensor");
  // A sensor that flutters, or a terminal that lies, must not fill the log.
  if (++tampers_ > max_tampers) return fault(owner_.counters().misplaced, "too much tampering");
  const Tampered tampered{.serial = serial_,
                          .room = terminal_->room,
                          .sensor = tamper.sensor,
                          .cleared = tamper.cleared,
                          .monotonic_ms = tamper.monotonic_ms,
                          .boot = hello_.boot};
  const attendance::HostTime now = services_.now();
  logging::warning("terminal was tampered with", {{"terminal", serial_}});
  const bool taken =
      services_.writer.submit([&site = services_.config.site, tampered, now](
                                  store::Database& db) { note_tampering(db, site, tampered, now); },
                              [](store::Committed committed, const std::string& error) {
                                if (committed == store::Committed::yes) return;
                                logging::error("tampering could not be recorded", {{"why", error}});
                              });
  if (!taken) logging::error("tampering could not be recorded", {{"why", "the writer is full"}});
}

}  // namespace rollcall::terminals
