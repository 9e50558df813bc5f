#include "provisioning/site_init.hpp"

#include <filesystem>
#include <fstream>
#include <iomanip>
#include <iterator>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daemon/config/config.hpp"
#include "daemon/keys/site_keys.hpp"
#include "provisioning/cli.hpp"
#include "tests/unit/daemon/scratch_folder.hpp"

namespace rollcall::provisioning {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

struct Ran {
  int exit;
  std::string out, err;
};

class SiteInit : public ::testing::Test {
 protected:
  Ran init(std::vector<std::string> changes = {}, std::string timezone = "Europe/Brussels") {
    std::vector<std::string> arguments = {
        "site",         "init",       folder.string(),     "--id",
        "brussels",     "--name",     "Centre \"Nord\"",   "--organisation",
        "Atelier Nord", "--timezone", std::move(timezone), "--languages",
        "fr,en"};
    arguments.insert(arguments.end(), changes.begin(), changes.end());
    std::ostringstream out;
    std::ostringstream err;
    const int exit = run(arguments, out, err);
    return {exit, out.str(), err.str()};
  }
  static fs::perms mode(const fs::path& path) { return fs::status(path).permissions(); }

  testing::ScratchFolder scratch;
  fs::path folder = scratch.folder() / "site";
};

TEST_F(SiteInit, MakesAConfigurationThatIsCorrectAsItIs) {
  const Ran ran = init({"--link", "tcp:127.0.0.1:7555", "--console-port", "8500"});
  ASSERT_EQ(ran.exit, 0) << ran.err;
  const auto config = config::load((folder / "rollcall.toml").string());
  ASSERT_TRUE(config) << config.error().front();
  EXPECT_EQ(config->site.id, "brussels");
  EXPECT_EQ(config->site.name, "Centre \"Nord\"");
  EXPECT_EQ(config->site.languages, (std::vector<std::string>{"fr", "en"}));
  EXPECT_EQ(config->links.listen, std::vector<std::string>{"tcp:127.0.0.1:7555"});
  EXPECT_EQ(config->console.port, 8500);
  EXPECT_EQ(config->data_dir, (folder / "data").string());
  EXPECT_THAT(ran.out, HasSubstr("rollcalld --config " + (folder / "rollcall.toml").string()));
  EXPECT_THAT(ran.out, HasSubstr("Copy data/keys to a safe place"));
}

TEST_F(SiteInit, KeepsEverythingToItsOwner) {
  ASSERT_EQ(init().exit, 0);
  for (const char* one : {"", "data", "data/keys"})
    EXPECT_EQ(mode(folder / one), fs::perms(0700)) << one;
  for (const char* one : {"rollcall.toml", "data/keys/site.key", "data/keys/card.key"})
    EXPECT_EQ(mode(folder / one), fs::perms(0600)) << one;
}

TEST_F(SiteInit, MakesTheKeysThatTheDaemonUses) {
  const Ran ran = init();
  const auto keys = keys::load_or_create((folder / "data").string());
  ASSERT_TRUE(keys) << keys.error();
  std::ostringstream first_byte;
  first_byte << std::hex << std::setfill('0') << std::setw(2) << int{keys->site_public[0]};
  EXPECT_THAT(ran.out, HasSubstr("Its public key is " + first_byte.str()));
}

TEST_F(SiteInit, OverwritesNothing) {
  ASSERT_EQ(init().exit, 0);
  std::ifstream key(folder / "data/keys/site.key", std::ios::binary);
  const std::string before{std::istreambuf_iterator<char>(key), {}};
  const Ran again = init({"--console-port", "9000"});
  EXPECT_EQ(again.exit, 1);
  EXPECT_THAT(again.err, HasSubstr("exists and is not empty. Nothing was made or changed"));
  std::ifstream after(folder / "data/keys/site.key", std::ios::binary);
  EXPECT_EQ(before, std::string(std::istreambuf_iterator<char>(after), {}));
  EXPECT_EQ(config::load((folder / "rollcall.toml").string())->console.port, 8480);
}

TEST_F(SiteInit, TakesAnEmptyFolderAndMakesItPrivate) {
  fs::create_directory(folder);
  EXPECT_EQ(init().exit, 0);
  EXPECT_EQ(mode(folder), fs::perms(0700));
}

TEST_F(SiteInit, MakesNothingOfWrongValuesAndSaysAllOfThem) {
  const Ran ran = init({"--link", "tcp:7440"}, "Europe/Brusels");
  EXPECT_EQ(ran.exit, 2);
  EXPECT_THAT(ran.err, HasSubstr("site.timezone: \"Europe/Brusels\" is no known time zone; did you "
                                 "mean \"Europe/Brussels\"?"));
  EXPECT_THAT(ran.err, HasSubstr("links.listen: \"tcp:7440\""));
  EXPECT_THAT(ran.err, HasSubstr("Nothing was made."));
  EXPECT_FALSE(fs::exists(folder));
}

}  // namespace
}  // namespace rollcall::provisioning
