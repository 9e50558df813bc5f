#include "hal/host/readers/pcsc_talk.hpp"

#include <array>
#include <optional>
#include <utility>

#include <winscard.h>

namespace rollcall::readers {

using hal::Exchange;
using hal::Sight;

class PcscCard {
 public:
  explicit PcscCard(const std::string& reader) : reader_(reader) {}
  ~PcscCard() {
    disconnect();
    if (context_) SCardReleaseContext(*context_);
  }
  PcscCard(const PcscCard&) = delete;
  PcscCard& operator=(const PcscCard&) = delete;

  Answer transmit(hal::Bytes command) {
    if (!connect()) return std::unexpected(Exchange::card_gone);
    std::array<std::uint8_t, hal::max_apdu> said{};
    DWORD size = said.size();
    const SCARD_IO_REQUEST* protocol = protocol_ == SCARD_PROTOCOL_T0 ? SCARD_PCI_T0 : SCARD_PCI_T1;
    const LONG result =
        SCardTransmit(card_, protocol, command.data(), command.size(), nullptr, said.data(), &size);
    if (result == SCARD_S_SUCCESS && size >= 2)
      return std::vector<std::uint8_t>(said.begin(), said.begin() + size);
    const bool gone = result == SCARD_W_REMOVED_CARD || result == SCARD_E_NO_SMARTCARD ||
                      result == SCARD_W_RESET_CARD || result == SCARD_E_READER_UNAVAILABLE;
    disconnect();
    return std::unexpected(gone ? Exchange::card_gone : Exchange::failed);
  }

  void disconnect() {
    if (std::exchange(connected_, false)) SCardDisconnect(card_, SCARD_LEAVE_CARD);
  }

 private:
  bool connect() {
    if (connected_) return true;
    for (int attempt = 0; attempt < 2; ++attempt) {  // pcscd may have been started anew
      if (!context_) {
        SCARDCONTEXT made{};
        if (SCardEstablishContext(SCARD_SCOPE_SYSTEM, nullptr, nullptr, &made) != SCARD_S_SUCCESS)
          return false;
        context_ = made;
      }
      const LONG result = SCardConnect(*context_, reader_.c_str(), SCARD_SHARE_SHARED,
                                       SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1, &card_, &protocol_);
      connected_ = result == SCARD_S_SUCCESS;
      const bool broken = result == SCARD_E_INVALID_HANDLE || result == SCARD_F_COMM_ERROR ||
                          result == SCARD_E_NO_SERVICE;
      if (!broken) break;
      SCardReleaseContext(*context_);
      context_.reset();
    }
    return connected_;
  }

  const std::string& reader_;
  std::optional<SCARDCONTEXT> context_;
  SCARDHANDLE card_{};
  DWORD protocol_ = 0;
  bool connected_ = false;
};

namespace {

std::optional<Sight> identify_now(PcscCard& talk, Contactless kind) {
  const Answer number = talk.transmit(get_number);
  const auto card = number ? card_of(kind, *number) : std::nullopt;
  if (!card) return std::nullopt;
  if (!hal::may_be_bank_card(*card)) return Sight{Sight::What::card, *card};
  const Answer answer = talk.transmit(hal::select_payment_directory);
  // What went before it had answered is asked again when it comes back.
  if (!answer && answer.error() == Exchange::card_gone) return std::nullopt;
  const bool bank = answer && hal::is_payment_directory(*answer);
  return Sight{bank ? Sight::What::bank_card : Sight::What::card, *card};
}

}  // namespace

std::shared_ptr<PcscTalk> PcscTalk::start(std::string reader) {
  const std::shared_ptr<PcscTalk> made(new PcscTalk(std::move(reader)));
  made->thread_ = std::thread([made] { made->loop(); });
  return made;
}

void PcscTalk::identify(Contactless kind, std::function<void(std::optional<Sight>)> done) {
  run([kind, done = std::move(done)](PcscCard& card) { done(identify_now(card, kind)); });
}

void PcscTalk::exchange(std::vector<std::uint8_t> command, std::function<void(Answer)> done) {
  run([command = std::move(command), done = std::move(done)](PcscCard& card) {
    done(card.transmit(command));
  });
}

void PcscTalk::let_go() {
  const std::scoped_lock lock(mutex_);
  tasks_.clear();
  tasks_.push_back([](PcscCard& card) { card.disconnect(); });
  something_.notify_one();
}

void PcscTalk::run(Task task) {
  const std::scoped_lock lock(mutex_);
  tasks_.push_back(std::move(task));
  something_.notify_one();
}

void PcscTalk::end() {
  const std::scoped_lock lock(mutex_);
  ending_ = true;
  tasks_.clear();
  something_.notify_one();
}

bool PcscTalk::ended() const {
  return ended_.wait_for(std::chrono::seconds{0}) == std::future_status::ready;
}

void PcscTalk::wait_ended() {
  if (ended_.wait_for(end_limit) == std::future_status::ready) {
    thread_.join();
  } else {
    thread_.detach();
  }
}

void PcscTalk::loop() {
  {
    PcscCard card(reader_);
    for (std::unique_lock lock(mutex_); !ending_; lock.lock()) {
      something_.wait(lock, [this] { return ending_ || !tasks_.empty(); });
      if (ending_) break;
      const Task task = std::move(tasks_.front());
      tasks_.pop_front();
      lock.unlock();
      task(card);
    }
  }
  ending_done_.set_value();
}

}  // namespace rollcall::readers
