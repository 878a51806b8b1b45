#include "app/backup_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <iterator>

#include "support/matchers.h"
#include "support/temporary_folder.h"

namespace kavach::app {
namespace {

crypto::KeyRing ring_of(char app, std::vector<Secret> older = {}) {
  auto ring = crypto::KeyRing::create({Secret{std::string(32, app)}, std::move(older)},
                                      {Secret{std::string(32, 'p')}, {}}, {Secret{std::string(32, 'f')}, {}});
  return std::move(*ring);
}

std::string read(const std::filesystem::path& path) {
  std::ifstream file{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{file}, {}};
}

void write(const std::filesystem::path& path, const std::string& content) {
  std::ofstream{path, std::ios::binary | std::ios::trunc} << content;
}

std::string plaintext(std::size_t bytes) {
  std::string text(bytes, '\0');
  SeededRandom random{7};
  for (char& c : text) c = static_cast<char>(random.below(256));
  return text;
}

class BackupFile : public testing::Test {
 protected:
  std::string seal(const std::string& content) {
    write(folder_.file("plain"), content);
    std::filesystem::remove(folder_.file("sealed"));
    EXPECT_OK(seal_backup(ring_, SecureRandom{}, folder_.file("plain"), folder_.file("sealed")));
    return read(folder_.file("sealed"));
  }
  Result<void> open(const std::string& sealed, const crypto::KeyRing& ring) {
    write(folder_.file("given"), sealed);
    std::filesystem::remove(folder_.file("opened"));
    return open_backup(ring, folder_.file("given"), folder_.file("opened"));
  }
  void expect_refused(const std::string& sealed, const std::string& how) {
    EXPECT_FALSE(open(sealed, ring_)) << how;
    EXPECT_FALSE(std::filesystem::exists(folder_.file("opened"))) << how;
  }

  test::TemporaryFolder folder_;
  crypto::KeyRing ring_ = ring_of('a');
};

TEST_F(BackupFile, R28_ComesBackWholeWhateverItsSize) {
  for (const std::size_t size : {0UL, 1UL, 65'535UL, 65'536UL, 65'537UL, 131'072UL, 200'000UL}) {
    const std::string content = plaintext(size);
    const std::string sealed = seal(content);
    ASSERT_OK(open(sealed, ring_)) << size;
    EXPECT_EQ(read(folder_.file("opened")), content) << size;
  }
}

TEST_F(BackupFile, R28_IsPrivateAndShowsNothingOfItsContents) {
  const std::string sealed = seal(std::string(1000, 'q') + "needle-in-the-database");
  EXPECT_EQ(sealed.find("needle"), std::string::npos);
  EXPECT_EQ(sealed.find("qqqq"), std::string::npos);
  struct stat info {};
  ASSERT_EQ(::stat(folder_.file("sealed").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0600U);
}

TEST_F(BackupFile, R28_AnyFlippedBitIsRefused) {
  const std::string sealed = seal(plaintext(70'000));
  SeededRandom random{11};
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < kBackupHeaderBytes; ++i) places.push_back(i);
  for (int i = 0; i < 100; ++i) places.push_back(random.below(sealed.size()));
  places.push_back(sealed.size() - 1);
  for (const std::size_t place : places) {
    std::string bent = sealed;
    bent[place] = static_cast<char>(bent[place] ^ (1 << random.below(8)));
    expect_refused(bent, "a bit of byte " + std::to_string(place));
  }
}

TEST_F(BackupFile, R28_ATruncatedOrExtendedFileIsRefused) {
  const std::string sealed = seal(plaintext(200'000));
  const std::size_t piece = kBackupChunkBytes + kBackupTagBytes;
  for (std::size_t end = kBackupHeaderBytes; end < sealed.size(); end += piece) {
    for (const std::size_t more : {0UL, 1UL, 15UL, 16UL, 17UL}) {
      if (end + more < sealed.size()) expect_refused(sealed.substr(0, end + more), "cut at " + std::to_string(end + more));
    }
  }
  for (std::size_t end = 0; end < kBackupHeaderBytes; ++end) expect_refused(sealed.substr(0, end), "half a header");
  expect_refused(sealed + "x", "one byte more");
  expect_refused(sealed + sealed.substr(kBackupHeaderBytes), "its chunks twice");
}

TEST_F(BackupFile, R28_ReorderedAndForeignChunksAreRefused) {
  const std::string sealed = seal(plaintext(200'000));
  const std::string other = seal(plaintext(200'000));
  const std::size_t piece = kBackupChunkBytes + kBackupTagBytes;
  const auto chunk = [&](const std::string& from, std::size_t i) { return from.substr(kBackupHeaderBytes + i * piece, piece); };
  const std::string header = sealed.substr(0, kBackupHeaderBytes);
  expect_refused(header + chunk(sealed, 1) + chunk(sealed, 0) + chunk(sealed, 2) + chunk(sealed, 3), "swapped");
  expect_refused(header + chunk(sealed, 0) + chunk(sealed, 2) + chunk(sealed, 3), "left out");
  expect_refused(header + chunk(sealed, 0) + chunk(other, 1) + chunk(sealed, 2) + chunk(sealed, 3), "of another file");
}

TEST_F(BackupFile, R28_AnotherGatewaysFileIsRefusedAndAnOlderKeyOpens) {
  const std::string sealed = seal("content");
  const auto foreign = open(sealed, ring_of('z'));
  ASSERT_FALSE(foreign);
  EXPECT_NE(foreign.error().message.find("secrets.env"), std::string::npos);
  std::vector<Secret> older;
  older.emplace_back(std::string(32, 'a'));
  EXPECT_OK(open(sealed, ring_of('b', std::move(older))));
  EXPECT_FALSE(open("SQLite format 3", ring_));
}

TEST_F(BackupFile, AnExistingFileIsNeverOverwritten) {
  (void)seal("first");
  EXPECT_FALSE(seal_backup(ring_, SecureRandom{}, folder_.file("plain"), folder_.file("sealed")));
  EXPECT_TRUE(std::filesystem::exists(folder_.file("sealed")));
}

}  // namespace
}  // namespace kavach::app
