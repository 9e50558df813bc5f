#include "daemon/keys/site_keys.hpp"

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/daemon/scratch_folder.hpp"

namespace rollcall::keys {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

TEST(SiteKeys, AreMadeOnceAndReadAgain) {
  testing::ScratchFolder scratch;
  const auto first = load_or_create(scratch.path());
  ASSERT_TRUE(first) << first.error();
  const auto again = load_or_create(scratch.path());
  ASSERT_TRUE(again);
  EXPECT_EQ(first->site_private, again->site_private);
  EXPECT_EQ(first->card_key, again->card_key);
  EXPECT_NE(first->site_private, first->card_key);
  EXPECT_TRUE(first->card_master == again->card_master && first->card_master);
  EXPECT_FALSE(first->card_master == credentials::Secret{}) << "all zeros";
  for (const char* name : {"site.key", "card.key", "card-master.key"}) {
    const auto status = fs::status(scratch.folder() / "keys" / name);
    EXPECT_EQ(status.permissions(), fs::perms(0600)) << name;
  }
  EXPECT_EQ(fs::file_size(scratch.folder() / "keys/card-master.key"), 16u);
}

TEST(SiteKeys, AreNeverReplacedWhileDataExists) {
  testing::ScratchFolder scratch;
  ASSERT_TRUE(load_or_create(scratch.path()));
  std::ofstream(scratch.folder() / "rollcall.db") << "data";
  fs::remove(scratch.folder() / "keys/card.key");
  const auto keys = load_or_create(scratch.path());
  ASSERT_FALSE(keys);
  EXPECT_THAT(keys.error(), HasSubstr("card.key"));
  EXPECT_FALSE(fs::exists(scratch.folder() / "keys/card.key"));
}

TEST(SiteKeys, OfASiteThatIsOlderThanTheCardMasterKeyGetItOnce) {
  testing::ScratchFolder scratch;
  ASSERT_TRUE(load_or_create(scratch.path()));
  std::ofstream(scratch.folder() / "rollcall.db") << "data";
  const fs::path file = scratch.folder() / "keys/card-master.key";
  fs::remove(file);
  auto keys = load_or_create(scratch.path());
  ASSERT_TRUE(keys) << keys.error();
  EXPECT_FALSE(keys->card_master);
  EXPECT_FALSE(fs::exists(file)) << "before it is known whether cards were issued";
  ASSERT_TRUE(add_card_master(scratch.path(), *keys, false));
  const auto again = load_or_create(scratch.path());
  ASSERT_TRUE(again && again->card_master);
  EXPECT_TRUE(keys->card_master == again->card_master);
}

TEST(SiteKeys, ACardMasterKeyThatIsLostIsNotReplaced) {
  testing::ScratchFolder scratch;
  ASSERT_TRUE(load_or_create(scratch.path()));
  std::ofstream(scratch.folder() / "rollcall.db") << "data";
  const fs::path file = scratch.folder() / "keys/card-master.key";
  fs::permissions(file, fs::perms(0644));
  EXPECT_THAT(load_or_create(scratch.path()).error(), HasSubstr("can be read by others"));
  fs::remove(file);
  auto keys = load_or_create(scratch.path());
  ASSERT_TRUE(keys);
  const auto added = add_card_master(scratch.path(), *keys, true);
  ASSERT_FALSE(added);
  EXPECT_THAT(added.error(), HasSubstr("put it back from a backup"));
  EXPECT_FALSE(fs::exists(file));
}

TEST(SiteKeys, ThatOthersMayReadOrThatAreDamagedAreRefused) {
  testing::ScratchFolder scratch;
  ASSERT_TRUE(load_or_create(scratch.path()));
  const fs::path file = scratch.folder() / "keys/site.key";
  fs::permissions(file, fs::perms(0644));
  EXPECT_THAT(load_or_create(scratch.path()).error(), HasSubstr("can be read by others"));
  fs::permissions(file, fs::perms(0600));
  fs::resize_file(file, 7);
  EXPECT_THAT(load_or_create(scratch.path()).error(), HasSubstr("put it back from a backup"));
}

}  // namespace
}  // namespace rollcall::keys
