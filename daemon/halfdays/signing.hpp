// One person at a place who signs alone: what they may sign there, and their signatures.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "daemon/halfdays/own_tap.hpp"
#include "daemon/halfdays/to_sign.hpp"
#include "daemon/store/readers.hpp"
#include "daemon/store/writer.hpp"

namespace rollcall::halfdays {

enum class Signed {
  yes,           // durable
  refused,       // not any more: the sheet was closed, confirmed again, or signed elsewhere
  not_recorded,  // it could not be committed
};

class Signing {
 public:
  virtual ~Signing() = default;
  // What can be signed there, the newest first.
  virtual boost::asio::awaitable<std::vector<ToSign>> open() = 0;
  // `tap` was made to sign this half-day.
  virtual boost::asio::awaitable<Signed> by_tap(const ToSign& half_day, const OwnTap& tap) = 0;
  virtual boost::asio::awaitable<Signed> drawn(const ToSign& half_day,
                                               const sheets::Drawing& drawing) = 0;
};

class WriterSigning final : public Signing {
 public:
  struct Signer {
    std::string person;
    OwnTap known_by;     // the tap that began it
    Forms offered;       // what the place has for it
    bool stays = false;  // says that they have come: what is not over yet is not signed
  };

  // All outlive this. `now` is the host's time when something happens; called on the writer thread
  // too.
  WriterSigning(store::Writer& writer, store::Readers& readers, const Rules& rules, Signer signer,
                std::function<attendance::HostTime()> now)
      : writer_(writer),
        readers_(readers),
        rules_(rules),
        signer_(std::move(signer)),
        now_(std::move(now)) {}

  boost::asio::awaitable<std::vector<ToSign>> open() override;
  boost::asio::awaitable<Signed> by_tap(const ToSign& half_day, const OwnTap& tap) override;
  boost::asio::awaitable<Signed> drawn(const ToSign& half_day,
                                       const sheets::Drawing& drawing) override;

 private:
  SignRequest request_of(const ToSign& half_day, const OwnTap& known_by) const;
  boost::asio::awaitable<Signed> sign_it(SignRequest request);

  store::Writer& writer_;
  store::Readers& readers_;
  Rules rules_;
  Signer signer_;
  std::function<attendance::HostTime()> now_;
};

}  // namespace rollcall::halfdays
