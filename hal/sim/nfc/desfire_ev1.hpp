// A MIFARE DESFire EV1 whose keys are AES: applications, standard data files, secure messaging.
// Commands, status codes and what is covered by MAC and CRC are those that libfreefare speaks.
// Commands come native or wrapped in ISO/IEC 7816-4 APDUs of class 90.
#pragma once

#include <deque>
#include <expected>
#include <map>
#include <optional>

#include "hal/entropy.hpp"
#include "hal/sim/nfc/desfire_crypto.hpp"
#include "hal/sim/nfc/iso_dep_card.hpp"

namespace rollcall::hal::sim {

class DesfireEv1 final : public IsoDepCard {
 public:
  // A new card: no application, master key of zeros. `uid` has 7 bytes; `entropy` outlives the
  // card.
  DesfireEv1(Bytes uid, Entropy& entropy);

  CardIdentity identity() const override;

 protected:
  ByteVector ats() const override;
  ByteVector apdu(Bytes command) override;
  void application_reset() override;

 private:
  enum class Status : std::uint8_t {
    ok = 0x00,
    out_of_memory = 0x0e,
    illegal_command = 0x1c,
    integrity = 0x1e,
    no_such_key = 0x40,
    length = 0x7e,
    permission_denied = 0x9d,
    parameter = 0x9e,
    application_not_found = 0xa0,
    authentication = 0xae,
    additional_frame = 0xaf,
    boundary = 0xbe,
    count = 0xce,
    duplicate = 0xde,
    file_not_found = 0xf0,
  };
  struct Reply {
    Status status = Status::ok;
    ByteVector data;
  };

  struct Key {
    desfire::Block value{};
    std::uint8_t version = 0;
  };
  enum class Communication : std::uint8_t { plain = 0, maced = 1, enciphered = 3 };
  struct File {
    Communication communication = Communication::plain;
    std::uint16_t rights = 0;  // read, write, read and write, change: four bits each, from above
    ByteVector data;
  };
  struct Application {
    std::uint8_t settings = 0x0f;
    std::vector<Key> keys;
    std::map<std::uint8_t, File> files;
  };

  // AuthenticateAES half way.
  struct Challenge {
    std::uint8_t key = 0;
    desfire::Block random{};
    desfire::Block vector{};
  };
  // WriteData whose frames still come.
  struct Writing {
    std::uint8_t file = 0;
    Communication how = Communication::plain;
    std::size_t offset = 0;
    std::size_t size = 0;
    ByteVector command;  // with its header
    ByteVector data;     // as it came
  };

  // Bits of an application's settings.
  static constexpr std::uint8_t master_key_changeable = 0x01;
  static constexpr std::uint8_t free_listing = 0x02;
  static constexpr std::uint8_t free_create_delete = 0x04;
  static constexpr std::uint8_t settings_changeable = 0x08;

  // Files and applications take whole units of memory.
  static constexpr std::size_t memory_unit = 32;
  static constexpr std::size_t memory_of(std::size_t file_size) {
    return memory_unit + (file_size + memory_unit - 1) / memory_unit * memory_unit;
  }

  Application& current() { return applications_.at(selected_); }
  bool on_card_level() const { return selected_ == 0; }
  bool authenticated_with(std::uint8_t key) const { return session_ && session_key_ == key; }
  std::size_t free_memory() const;

  Reply run(std::uint8_t instruction, Bytes in);
  Reply run_in_session(std::uint8_t instruction, Bytes in);
  Reply failed(Status status);
  ByteVector with_mac(Bytes data);
  Reply done(Bytes data = {});
  Reply enciphered(Bytes data, std::uint8_t padding);
  Reply in_parts(ByteVector data);
  Reply next_part();
  Reply additional_frame(Bytes in);

  Reply select_application(Bytes in);
  Reply authenticate(Bytes in);
  Reply prove(Bytes in);
  Reply version();
  Reply application_ids();
  Reply create_application(Bytes in);
  Reply delete_application(Bytes in);
  Reply format();
  Reply card_uid();
  Reply key_settings();
  Reply change_key_settings(Bytes in);
  Reply key_version(Bytes in);
  Reply change_key(Bytes in);
  bool may_change_key(std::uint8_t number) const;

  Reply file_ids();
  Reply file_settings(Bytes in);
  Reply create_data_file(Bytes in);
  Reply delete_file(Bytes in);
  Reply read_data(Bytes in);
  Reply write_data(Bytes in);
  Reply write_when_complete();
  // How a file is read or written by whoever is authenticated; otherwise why it is not.
  std::expected<Communication, Status> access(const File& file, unsigned right) const;

  ByteVector uid_;
  Entropy& entropy_;
  std::map<std::uint32_t, Application> applications_;  // 0 is the card itself

  std::uint32_t selected_ = 0;
  std::optional<desfire::Session> session_;
  std::uint8_t session_key_ = 0;
  std::optional<Challenge> challenge_;
  std::optional<Writing> writing_;
  std::deque<ByteVector> parts_;  // of an answer, still to be fetched
};

}  // namespace rollcall::hal::sim
