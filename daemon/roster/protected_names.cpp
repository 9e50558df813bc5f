#include "daemon/roster/protected_names.hpp"

#include <algorithm>
#include <span>
#include <stdexcept>

#include <openssl/rand.h>

namespace rollcall::roster {
namespace {

constexpr std::string_view purpose = "rollcall protected names at rest v1";

Bytes bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

bool is_protected(store::Database& db, const std::string& person) {
  auto row = db.prepare("SELECT 1 FROM person WHERE id = ? AND protected = 1 AND active = 1");
  return row.bind(person).step();
}

std::optional<store::Blob> sealed_name(store::Database& db, const std::string& person) {
  auto row = db.prepare("SELECT sealed FROM protected_name WHERE person = ?");
  if (!row.bind(person).step()) return std::nullopt;
  return row.blob(0);
}

}  // namespace

NameSeal::NameSeal(const crypto::Key& site_private) {
  crypto::hkdf_sha256({}, site_private, bytes_of(purpose), key_);
}

store::Blob NameSeal::seal(std::string_view person, std::string_view name) const {
  crypto::Nonce nonce{};
  if (RAND_bytes(nonce.data(), static_cast<int>(nonce.size())) != 1)
    throw std::runtime_error("no random numbers to be had");
  store::Blob sealed(nonce.size() + name.size() + crypto::tag_size);
  std::ranges::copy(nonce, sealed.begin());
  if (!crypto::seal(key_, nonce, bytes_of(person), bytes_of(name),
                    std::span{sealed}.subspan(nonce.size()))) {
    throw std::runtime_error("a name could not be sealed");
  }
  return sealed;
}

std::optional<std::string> NameSeal::open(std::string_view person, Bytes sealed) const {
  crypto::Nonce nonce{};
  if (sealed.size() < nonce.size() + crypto::tag_size) return std::nullopt;
  std::copy_n(sealed.begin(), nonce.size(), nonce.begin());
  store::Blob plain(sealed.size() - nonce.size() - crypto::tag_size);
  if (!crypto::open(key_, nonce, bytes_of(person), sealed.subspan(nonce.size()), plain))
    return std::nullopt;
  return std::string(plain.begin(), plain.end());
}

void keep_protected_names(store::Database& db, const Reading& reading, const NameSeal* seal) {
  if (seal == nullptr) {
    db.exec("DELETE FROM protected_name");
    return;
  }
  for (const Record& record : reading.records) {
    const auto* person = std::get_if<PersonRecord>(&record.content);
    if (person == nullptr || record.removed || person->protected_name.text.empty()) continue;
    if (!is_protected(db, person->id)) continue;
    // As it is already: nothing is written at each reading.
    if (const auto kept = sealed_name(db, person->id);
        kept && seal->open(person->id, *kept) == person->protected_name.text) {
      continue;
    }
    db.prepare("INSERT OR REPLACE INTO protected_name (person, sealed) VALUES (?, ?)")
        .bind(person->id, seal->seal(person->id, person->protected_name.text))
        .run();
  }
  db.exec(
      "DELETE FROM protected_name WHERE person NOT IN (SELECT id FROM person WHERE protected = 1 "
      "AND active = 1)");
}

std::optional<std::string> protected_name(store::Database& db, const NameSeal& seal,
                                          const std::string& person) {
  const auto sealed = sealed_name(db, person);
  return sealed ? seal.open(person, *sealed) : std::nullopt;
}

}  // namespace rollcall::roster
