#include "app/backup_folder.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "core/executor.h"
#include "identity/block_on.h"
#include "store/folder_lock.h"
#include "support/matchers.h"
#include "support/temporary_folder.h"

namespace kavach::app {
namespace {

const identity::Actor kActor{"cli", "", ""};

class Backups : public testing::Test {
 protected:
  Backups() { start(); }

  void start() {
    auto base = lay_foundation(data_, RunAs::Command);
    if (!base) throw std::runtime_error(base.error().message + " " + base.error().detail);
    base_ = std::move(*base);
  }
  void stop() { base_.reset(); }
  void add_user(const std::string& name) {
    InlineExecutor here;
    ASSERT_OK(identity::block_on(base_->users->create(
        {name, name + "@example.org", identity::Role::Owner, "not a hash"}, false, kActor, here)));
  }

  test::TemporaryFolder folder_;
  std::filesystem::path data_ = folder_.file("data");
  std::unique_ptr<Foundation> base_;
};

TEST_F(Backups, R28_RestoringBringsBackThatDayAndKeepsTheLastOne) {
  add_user("ada");
  ASSERT_OK(make_backup(*base_, folder_.file("backup"), kActor));
  add_user("bob");
  stop();
  ASSERT_OK(restore_backup(data_, folder_.file("backup")));
  start();
  EXPECT_TRUE(base_->users->find("ada"));
  EXPECT_FALSE(base_->users->find("bob"));
  EXPECT_TRUE(std::filesystem::exists(data_ / "kavach.db.before-restore"));
  EXPECT_FALSE(std::filesystem::exists(data_ / "kavach.db.restoring"));
}

TEST_F(Backups, R28_RestoresIntoAnEmptyFolderThatHasTheSecrets) {
  add_user("ada");
  ASSERT_OK(make_backup(*base_, folder_.file("backup"), kActor));
  stop();
  const auto fresh = folder_.file("fresh");
  std::filesystem::create_directory(fresh);
  std::filesystem::permissions(fresh, std::filesystem::perms::owner_all);
  std::filesystem::copy_file(data_ / "secrets.env", fresh / "secrets.env");
  ASSERT_OK(restore_backup(fresh, folder_.file("backup")));
  auto base = lay_foundation(fresh, RunAs::Command);
  ASSERT_OK(base);
  EXPECT_TRUE((*base)->users->find("ada"));
}

TEST_F(Backups, R28_ADamagedBackupChangesNothing) {
  add_user("ada");
  ASSERT_OK(make_backup(*base_, folder_.file("backup"), kActor));
  add_user("bob");
  stop();
  {
    std::fstream file{folder_.file("backup"), std::ios::binary | std::ios::in | std::ios::out};
    file.seekp(-3, std::ios::end);
    file.put('!');
  }
  EXPECT_FALSE(restore_backup(data_, folder_.file("backup")));
  EXPECT_FALSE(std::filesystem::exists(data_ / "kavach.db.before-restore"));
  EXPECT_FALSE(std::filesystem::exists(data_ / "kavach.db.restoring"));
  start();
  EXPECT_TRUE(base_->users->find("bob"));
}

TEST_F(Backups, R28_NothingIsRestoredUnderARunningGateway) {
  ASSERT_OK(make_backup(*base_, folder_.file("backup"), kActor));
  stop();
  auto gateway = store::FolderLock::take(data_);
  ASSERT_OK(gateway);
  const auto restored = restore_backup(data_, folder_.file("backup"));
  ASSERT_FALSE(restored);
  EXPECT_EQ(restored.error().code, ErrorCode::StorageLocked);
}

TEST_F(Backups, R28_TheFolderListsReadsAndKeepsABoundedNumber) {
  BackupFolder backups{*base_};
  EXPECT_TRUE(backups.list()->empty());
  for (std::size_t i = 0; i < BackupFolder::kKept + 2; ++i) {
    const auto made = backups.create(kActor);
    ASSERT_OK(made);
    EXPECT_GT(made->bytes, 0);
  }
  const auto all = backups.list();
  ASSERT_EQ(all->size(), BackupFolder::kKept);
  EXPECT_EQ(backups.read(all->front().name)->size(), static_cast<std::size_t>(all->front().bytes));
  EXPECT_FALSE(backups.read("../secrets.env"));
  EXPECT_FALSE(backups.read("kavach-no-such.kavach-backup"));
}

}  // namespace
}  // namespace kavach::app
