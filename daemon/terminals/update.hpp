// A firmware image on its way to one terminal (docs/protocol.md, "Update"): one at a time, over as
// many connections as it takes, until it is staged in the terminal's other slot.
//
//   offered -> transferring -> staged        a broken connection: waiting_for_terminal -> offered
//        \------------\-----> refused        no progress for too long, cancelled: failed
//
// This end looks at no signature and starts nothing: a staged image has no effect yet.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include "daemon/terminals/live_terminals.hpp"

namespace rollcall::terminals {

// The session of the terminal that is updated. It calls lost() before it is destroyed.
class UpdatePeer {
 public:
  virtual void offer_update(const protocol::UpdateOffer& offer) = 0;
  // Sends the image as a transfer, when nothing that a person looks at is under way.
  virtual void send_image(std::shared_ptr<const std::vector<std::uint8_t>> image,
                          const crypto::Digest& digest) = 0;
  virtual void drop_image() = 0;
  // Somebody uses the panel, and the image waits for that.
  virtual bool image_waits() const = 0;
  virtual std::uint8_t slot_in_use() const = 0;

 protected:
  ~UpdatePeer() = default;
};

class Update {
 public:
  static constexpr std::chrono::seconds usual_patience{120};  // without any progress
  static constexpr int max_setbacks = 3;  // transfers in a row that end without an answer

  // All work of `executor` ends before this does.
  explicit Update(const boost::asio::any_io_executor& executor,
                  std::chrono::milliseconds patience = usual_patience)
      : patience_(patience), timer_(executor) {}

  // For staff; as LiveTerminals has it. `digest` is that of the image; `peer` (null: not
  // connected) the terminal's session.
  std::expected<void, std::string> begin(UpdateWish wish, const crypto::Digest& digest,
                                         UpdatePeer* peer);
  std::optional<UpdateView> view() const;
  bool cancel();

  // For sessions. The terminal is here.
  void met(const std::string& serial, UpdatePeer& peer);
  void heard(const UpdatePeer& peer, const protocol::UpdateState& state);
  void sent(const UpdatePeer& peer, std::uint32_t bytes);
  void transfer_ended(const UpdatePeer& peer, protocol::BulkResult result);
  // The connection is gone.
  void lost(const UpdatePeer& peer);
  // The site accepts it no longer.
  void revoked(const std::string& serial);

 private:
  bool running() const { return wish_ && !is_over(view_.step); }
  bool concerns(const UpdatePeer& peer) const { return running() && peer_ == &peer; }
  void offer();
  void progress();
  void watch();
  void end(UpdateStep step, std::string reason = {},
           protocol::UpdateProblem problem = protocol::UpdateProblem::none);

  std::chrono::milliseconds patience_;
  boost::asio::steady_timer timer_;
  std::optional<protocol::UpdateOffer> wish_;               // the newest one, running or over
  std::shared_ptr<const std::vector<std::uint8_t>> image_;  // while it runs
  UpdateView view_;
  UpdatePeer* peer_ = nullptr;
  // A session in which an update ended before the terminal's last word about it: one word that it
  // says now may be about that one.
  const UpdatePeer* unsettled_ = nullptr;
  std::chrono::steady_clock::time_point until_;
  std::uint32_t furthest_ = 0;  // byte sent in this connection
  int setbacks_ = 0;
  std::uint64_t count_ = 0;  // tells whether an update is still the one it was
};

}  // namespace rollcall::terminals
