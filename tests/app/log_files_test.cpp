#include "app/log_files.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <iterator>
#include <string>

#include "core/civil_time.h"
#include "support/matchers.h"
#include "support/temporary_folder.h"

namespace kavach::app {
namespace {

using namespace std::chrono_literals;

class LogFilesTest : public testing::Test {
 protected:
  void open() {
    files_.reset();
    auto opened = LogFiles::open(folder_.file("logs"), limits_, clock_);
    ASSERT_OK(opened);
    files_ = std::move(*opened);
  }
  std::filesystem::path path(int number = 0) const {
    return folder_.file("logs") / (number == 0 ? "kavach.log" : "kavach." + std::to_string(number) + ".log");
  }
  std::string text(int number = 0) const {
    std::ifstream in{path(number)};
    return {std::istreambuf_iterator<char>{in}, {}};
  }
  test::TemporaryFolder folder_;
  ManualClock clock_{from_ist(Date{std::chrono::year{2027}, std::chrono::June, std::chrono::day{30}}, 10h)};
  LogFiles::Limits limits_{.file_bytes_max = 100, .older_max = 3, .kept = std::chrono::days{14}};
  std::unique_ptr<LogFiles> files_;
};

TEST_F(LogFilesTest, NobodyElseCanReadThem) {
  open();
  files_->write("one");
  struct stat found{};
  ASSERT_EQ(::stat(path().c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777U, 0600U);
  EXPECT_EQ(text(), "one\n");
}

TEST_F(LogFilesTest, ADayIsAFile) {
  open();
  files_->write("wednesday");
  clock_.advance(19h);  // 05:00 of the next day in India, 23:30 in UTC
  files_->write("wednesday still");
  EXPECT_EQ(text(), "wednesday\nwednesday still\n");
  clock_.advance(1h);
  files_->write("thursday");
  EXPECT_EQ(text(), "thursday\n");
  EXPECT_EQ(text(1), "wednesday\nwednesday still\n");
  clock_.advance(72h);
  files_->write("sunday");
  EXPECT_EQ(text(1), "thursday\n") << "quiet days have no file";
  EXPECT_EQ(text(2), "wednesday\nwednesday still\n");
}

TEST_F(LogFilesTest, AFullFileIsClosedAndTooManyAreNotKept) {
  open();
  for (int i = 0; i < 6; ++i) files_->write(std::string(90, static_cast<char>('a' + i)));
  EXPECT_EQ(text(), std::string(90, 'f') + "\n");
  EXPECT_EQ(text(3), std::string(90, 'c') + "\n");
  EXPECT_FALSE(std::filesystem::exists(path(4)));
}

TEST_F(LogFilesTest, ALineLargerThanAFileIsWrittenOnItsOwn) {
  open();
  files_->write(std::string(200, 'x'));
  files_->write("next");
  EXPECT_EQ(text(1).size(), 201U);
  EXPECT_EQ(text(), "next\n");
}

TEST_F(LogFilesTest, OldFilesGoWhileTheGatewayRunsAndAtItsStart) {
  open();
  files_->write("one");
  clock_.advance(24h);
  files_->write("two");
  clock_.advance(std::chrono::days{13});
  files_->write("three");
  EXPECT_EQ(text(1), "two\n");
  EXPECT_EQ(text(2), "one\n") << "fourteen days are kept";
  clock_.advance(24h);
  files_->write("four");
  EXPECT_EQ(text(1), "three\n");
  EXPECT_EQ(text(2), "two\n");
  EXPECT_FALSE(std::filesystem::exists(path(3)));
  clock_.advance(24h);
  open();
  EXPECT_EQ(text(), "four\n") << "closed with its next line";
  EXPECT_EQ(text(1), "three\n");
  EXPECT_FALSE(std::filesystem::exists(path(2)));
}

TEST_F(LogFilesTest, AnEarlierRunsFileGoesOnOnItsOwnDayOnly) {
  open();
  files_->write("before");
  open();
  files_->write("after");
  EXPECT_EQ(text(), "before\nafter\n");
  clock_.advance(48h);
  open();
  files_->write("later");
  EXPECT_EQ(text(), "later\n");
  EXPECT_EQ(text(1), "before\nafter\n");
}

TEST_F(LogFilesTest, AFileThatCannotBeMovedDoesNotGrowBeyondItsBound) {
  open();
  files_->write(std::string(90, 'x'));
  std::filesystem::rename(folder_.file("logs"), folder_.file("away"));
  for (int i = 0; i < 10; ++i) files_->write(std::string(50, 'y'));
  std::filesystem::rename(folder_.file("away"), folder_.file("logs"));
  EXPECT_EQ(text().size(), 91U);
  files_->write("it goes on");
  EXPECT_EQ(text(), "it goes on\n");
}

TEST_F(LogFilesTest, AFolderThatCannotBeMadeIsNamed) {
  std::ofstream{folder_.file("logs")} << "a file";
  const auto refused = LogFiles::open(folder_.file("logs"), limits_, clock_);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("LOG_DIR"), std::string::npos);
}

}  // namespace
}  // namespace kavach::app
