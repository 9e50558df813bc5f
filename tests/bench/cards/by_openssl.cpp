#include <algorithm>
#include <string>

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include "tests/bench/cards/others.hpp"

namespace rollcall::bench {
namespace {

EVP_MAC_CTX* mac_context(const char* name, const char* parameter, const char* value) {
  EVP_MAC* mac = EVP_MAC_fetch(nullptr, name, nullptr);
  EVP_MAC_CTX* context = EVP_MAC_CTX_new(mac);
  EVP_MAC_free(mac);
  std::string text = value;
  const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(parameter, text.data(), 0),
                                   OSSL_PARAM_construct_end()};
  if (context == nullptr || EVP_MAC_CTX_set_params(context, parameters) != 1) std::abort();
  return context;
}

template <std::size_t Size>
KeyBytes mac(EVP_MAC_CTX* context, const KeyBytes& key, const std::array<std::uint8_t, Size>& of) {
  std::array<std::uint8_t, 32> out{};
  std::size_t size = 0;
  const bool done = EVP_MAC_init(context, key.data(), key.size(), nullptr) == 1 &&
                    EVP_MAC_update(context, of.data(), of.size()) == 1 &&
                    EVP_MAC_final(context, out.data(), &size, out.size()) == 1;
  if (!done) std::abort();
  KeyBytes first{};
  std::copy_n(out.begin(), first.size(), first.begin());
  return first;
}

template <std::size_t Size>
void cipher(EVP_CIPHER_CTX* context, bool encrypt, const KeyBytes& key,
            std::array<std::uint8_t, Size>& data) {
  const KeyBytes vector{};
  int size = 0;
  const bool done =
      EVP_CipherInit_ex2(context, nullptr, key.data(), vector.data(), encrypt, nullptr) == 1 &&
      EVP_CIPHER_CTX_set_padding(context, 0) == 1 &&
      EVP_CipherUpdate(context, data.data(), &size, data.data(), Size) == 1;
  if (!done) std::abort();
}

}  // namespace

struct ByOpenSsl::Contexts {
  EVP_MAC_CTX* cmac = mac_context("CMAC", OSSL_MAC_PARAM_CIPHER, "AES-128-CBC");
  EVP_MAC_CTX* hmac = mac_context("HMAC", OSSL_MAC_PARAM_DIGEST, "SHA256");
  EVP_CIPHER_CTX* aes = EVP_CIPHER_CTX_new();
};

ByOpenSsl::ByOpenSsl() : contexts_(new Contexts) {
  if (EVP_CipherInit_ex2(contexts_->aes, EVP_aes_128_cbc(), nullptr, nullptr, 1, nullptr) != 1)
    std::abort();
}

ByOpenSsl::~ByOpenSsl() {
  EVP_MAC_CTX_free(contexts_->cmac);
  EVP_MAC_CTX_free(contexts_->hmac);
  EVP_CIPHER_CTX_free(contexts_->aes);
  delete contexts_;
}

// As docs/credentials.md has them: the card's key, its challenge, our proof, its proof, the vector
// over the command, the token, and the two hashes of card and token under the site's card key.
KeyBytes ByOpenSsl::blocks_of_a_tap() {
  std::array<std::uint8_t, 32> two_blocks{1};
  std::array<std::uint8_t, 16> one_block{2};
  const KeyBytes master{3};
  mac(contexts_->hmac, master, std::array<std::uint8_t, 8>{4});
  const KeyBytes key = mac(contexts_->cmac, master, two_blocks);
  cipher(contexts_->aes, false, key, one_block);
  cipher(contexts_->aes, true, key, two_blocks);
  cipher(contexts_->aes, false, key, one_block);
  const KeyBytes session = one_block;
  mac(contexts_->cmac, session, std::array<std::uint8_t, 8>{5});
  cipher(contexts_->aes, false, session, two_blocks);
  return mac(contexts_->hmac, master, one_block);
}

}  // namespace rollcall::bench
