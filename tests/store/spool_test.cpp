#include "store/spool.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <future>

#include "support/temporary_folder.h"

namespace kavach::store {
namespace {

class SpoolTest : public testing::Test {
 protected:
  std::unique_ptr<Spool> open(std::size_t bytes_max = 16 * 1024) {
    return std::make_unique<Spool>(file_, Logger::silent(), bytes_max);
  }
  static Kept add(Spool& spool, const std::string& record) {
    EXPECT_TRUE(spool.claim(record.size()));
    std::promise<Kept> kept;
    spool.add(record, [&](Kept where) { kept.set_value(where); });
    return kept.get_future().get();
  }
  void spoil(std::int64_t at) {
    std::fstream bytes{file_, std::ios::in | std::ios::out | std::ios::binary};
    bytes.seekg(at);
    const char changed = static_cast<char>(bytes.get() ^ 1);
    bytes.seekp(at);
    bytes.put(changed);
  }

  test::TemporaryFolder folder_;
  std::filesystem::path file_{folder_.file("exits.spool")};
};

TEST_F(SpoolTest, R29_WhatWasKeptIsThereAfterACrash) {
  auto spool = open();
  EXPECT_EQ(add(*spool, "one"), Kept::OnDisk);
  EXPECT_EQ(add(*spool, std::string(3000, 'x')), Kept::OnDisk);
  EXPECT_EQ(add(*spool, ""), Kept::OnDisk);
  // Nothing is written when it closes: what is on disk now is what a kill leaves.
  spool = open();
  EXPECT_EQ(spool->take_left_over(), (std::vector<std::string>{"one", std::string(3000, 'x'), ""}));
  EXPECT_EQ(spool->waiting(), 3U);
  EXPECT_EQ(add(*spool, "four"), Kept::OnDisk);
  EXPECT_EQ(open()->take_left_over().size(), 4U);
}

TEST_F(SpoolTest, R29_WhenAllAreDoneWithItStartsAnewAndOldRecordsNeverComeBack) {
  auto spool = open();
  for (int i = 0; i < 10; ++i) add(*spool, "old" + std::to_string(i));
  spool->done_with(4);
  EXPECT_EQ(open()->take_left_over().size(), 10U);
  spool->done_with(6);
  add(*spool, "new0");  // as long as the old ones: their successors follow it in the file
  EXPECT_EQ(open()->take_left_over(), std::vector<std::string>{"new0"});
  spool->done_with(1);
  spool.reset();
  EXPECT_TRUE(open()->take_left_over().empty());
}

TEST_F(SpoolTest, ARecordThatIsNotWholeEndsIt) {
  auto spool = open();
  for (const char* record : {"one", "two", "three"}) add(*spool, record);
  spool.reset();
  const std::int64_t second = 4096 + 24 + 3;
  for (const std::int64_t at : {second, second + 9, second + 13, second + 17, second + 25}) {
    spoil(at);
    EXPECT_EQ(open()->take_left_over(), std::vector<std::string>{"one"}) << at;
    spoil(at);
  }
  EXPECT_EQ(open()->take_left_over().size(), 3U);
}

TEST_F(SpoolTest, R29_ItIsBoundedAndItsRoomIsThereBeforeItIsNeeded) {
  auto spool = open();
  struct stat info {};
  ASSERT_EQ(::stat(file_.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0600U);
  EXPECT_GE(info.st_blocks * 512, 16 * 1024);
  EXPECT_TRUE(spool->claim(1000));
  EXPECT_FALSE(spool->claim(7400, Spool::Room::Opening));
  EXPECT_TRUE(spool->claim(7400));
  spool->done_with(2);
  int taken = 0;
  while (spool->claim(1000)) {
    spool->add(std::string(1000, 'x'), [](Kept) {});
    ++taken;
  }
  EXPECT_EQ(taken, 16);
  EXPECT_FALSE(spool->claim(1000));
  spool->done_with(16);
  EXPECT_TRUE(spool->claim(1000));
}

TEST_F(SpoolTest, R29_WhereNothingCanBeWrittenItWorksFromMemoryAndSaysSo) {
  file_ = "/dev/full";
  EXPECT_EQ(add(*open(), "one"), Kept::InMemory);
  file_ = folder_.file("missing") / "exits.spool";
  auto spool = open();
  EXPECT_EQ(add(*spool, "one"), Kept::InMemory);
  EXPECT_EQ(spool->waiting(), 1U);
  spool->done_with(1);
  EXPECT_EQ(spool->waiting(), 0U);
}

}  // namespace
}  // namespace kavach::store
