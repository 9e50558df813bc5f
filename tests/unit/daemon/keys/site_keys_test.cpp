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
  EXPECT_EQ(fs::status(scratch.folder() / "keys/site.key").permissions(), fs::perms(0600));
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
