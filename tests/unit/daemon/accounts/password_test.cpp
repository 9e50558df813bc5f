#include "daemon/accounts/password.hpp"

#include <gtest/gtest.h>
#include <sodium.h>

#include "daemon/accounts/secret.hpp"

namespace rollcall::accounts {
namespace {

TEST(Passwords, OnlyTheRightOneFitsItsHash) {
  const std::string hash = hash_password("three calm words");
  EXPECT_TRUE(hash.starts_with("$argon2id$v=19$m=65536,t=2,p=1$")) << hash;
  EXPECT_TRUE(verify_password(hash, "three calm words"));
  EXPECT_FALSE(verify_password(hash, "three calm word"));
  EXPECT_FALSE(verify_password(hash, ""));
  EXPECT_FALSE(verify_password("not a hash", "three calm words"));
  EXPECT_NE(hash_password("three calm words"), hash) << "each has its own salt";
}

// Otherwise an unknown name would be told from a known one by the time it takes.
TEST(Passwords, NobodysHashCostsAsMuchAsAnybodys) {
  EXPECT_EQ(
      crypto_pwhash_str_needs_rehash(nobodys_hash().c_str(), crypto_pwhash_OPSLIMIT_INTERACTIVE,
                                     crypto_pwhash_MEMLIMIT_INTERACTIVE),
      0);
  EXPECT_FALSE(verify_password(nobodys_hash(), ""));
}

TEST(Passwords, WeakOnesAreToldWhy) {
  EXPECT_EQ(wrong_with_password("three calm words", "desk"), "");
  EXPECT_NE(wrong_with_password("short", "desk"), "");
  EXPECT_NE(wrong_with_password("aaaaaaaaaaaaaaaa", "desk"), "");
  EXPECT_NE(wrong_with_password("ababababababab", "desk"), "");
  EXPECT_NE(wrong_with_password("the-desk-password", "desk"), "");
  EXPECT_NE(wrong_with_password(std::string(201, 'x') + "abcdef", "desk"), "");
  EXPECT_EQ(wrong_with_password("пять букв и т", "desk"), "") << "characters, not bytes";
  EXPECT_NE(wrong_with_password("пятьбук", "desk"), "") << "characters, not bytes";
}

TEST(Passwords, GeneratedOnesAreGoodAndDifferent) {
  const std::string one = generate_password();
  EXPECT_EQ(one.size(), 19u);
  EXPECT_EQ(wrong_with_password(one, "desk"), "");
  EXPECT_NE(one, generate_password());
}

TEST(Secrets, RestAsDigestsAndGiveAPageTokenThatIsNeither) {
  const std::string secret = new_secret();
  EXPECT_EQ(secret.size(), 64u);
  EXPECT_NE(secret, new_secret());
  ASSERT_TRUE(digest_of(secret));
  EXPECT_FALSE(digest_of(secret + "0"));
  EXPECT_FALSE(digest_of(""));
  EXPECT_EQ(page_token(secret), page_token(secret));
  EXPECT_NE(page_token(secret), secret);
  EXPECT_TRUE(same_text("abc", "abc"));
  EXPECT_FALSE(same_text("abc", "abd"));
  EXPECT_FALSE(same_text("abc", "ab"));
}

}  // namespace
}  // namespace rollcall::accounts
