#include "hal/host/file_storage.hpp"

#include <array>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

namespace rollcall::hal::host {
namespace {

constexpr Geometry geometry{65536, 16, 512};
using Block = std::array<std::uint8_t, 512>;

class FileStorageTest : public testing::Test {
 protected:
  FileStorageTest()
      : path_(testing::TempDir() + "rollcall-storage-" + std::to_string(::getpid())) {}
  ~FileStorageTest() override { std::filesystem::remove(path_); }
  std::string path_;
};

TEST_F(FileStorageTest, NewFileReadsErasedAndTakesNoDiskSpace) {
  const auto storage = FileStorage::open(path_, geometry);
  ASSERT_TRUE(storage) << storage.error();
  Block block{};
  ASSERT_TRUE((*storage)->read(70000, block));
  EXPECT_EQ(block[0], 0xff);
  EXPECT_EQ(block[511], 0xff);
  struct stat info{};
  ASSERT_EQ(::stat(path_.c_str(), &info), 0);
  EXPECT_EQ(info.st_size, 65536 * 16);
  EXPECT_LT(info.st_blocks, 64);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
}

TEST_F(FileStorageTest, ContentSurvivesClosing) {
  Block block;
  block.fill(0x5a);
  {
    const auto storage = FileStorage::open(path_, geometry);
    ASSERT_TRUE(storage);
    ASSERT_TRUE((*storage)->program(512, block));
    ASSERT_TRUE((*storage)->sync());
  }
  const auto storage = FileStorage::open(path_, geometry);
  ASSERT_TRUE(storage);
  Block found{};
  ASSERT_TRUE((*storage)->read(512, found));
  EXPECT_EQ(found, block);
  ASSERT_TRUE((*storage)->erase(0));
  ASSERT_TRUE((*storage)->read(512, found));
  EXPECT_EQ(found[0], 0xff);
}

TEST_F(FileStorageTest, SecondProcessIsRefused) {
  const auto first = FileStorage::open(path_, geometry);
  ASSERT_TRUE(first);
  const auto second = FileStorage::open(path_, geometry);
  ASSERT_FALSE(second);
  EXPECT_NE(second.error().find("in use"), std::string::npos);
}

TEST_F(FileStorageTest, FileOfAnotherSizeIsLeftAlone) {
  std::ofstream(path_) << "a letter to the ministry";
  const auto storage = FileStorage::open(path_, geometry);
  ASSERT_FALSE(storage);
  EXPECT_NE(storage.error().find("24 bytes"), std::string::npos);
  EXPECT_EQ(std::filesystem::file_size(path_), 24u);
}

TEST_F(FileStorageTest, RulesOfTheInterfaceHold) {
  const auto storage = FileStorage::open(path_, geometry);
  ASSERT_TRUE(storage);
  Block block{};
  EXPECT_EQ((*storage)->program(100, block), std::unexpected(StorageError::misaligned));
  EXPECT_EQ((*storage)->program(65536ull * 16, block), std::unexpected(StorageError::out_of_range));
  EXPECT_EQ((*storage)->read(65536ull * 16 - 1, block),
            std::unexpected(StorageError::out_of_range));
  EXPECT_EQ((*storage)->erase(16), std::unexpected(StorageError::out_of_range));
}

}  // namespace
}  // namespace rollcall::hal::host
