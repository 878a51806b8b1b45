#include "core/task.h"

#include <gtest/gtest.h>

#include <stdexcept>
#include <vector>

namespace kavach {
namespace {

class QueueExecutor final : public Executor {
 public:
  void post(Job job) override { jobs.push_back(std::move(job)); }
  void run_all() {
    while (!jobs.empty()) {
      Job job = std::move(jobs.front());
      jobs.erase(jobs.begin());
      job();
    }
  }
  std::vector<Job> jobs;
};

Task<int> doubled(Executor& executor, int value) {
  const int read = co_await resume_on<int>(executor, [value](auto complete) { complete(value); });
  co_return read * 2;
}

Task<int> sum(Executor& executor) { co_return co_await doubled(executor, 1) + co_await doubled(executor, 2); }

Task<int> thrower() {
  throw std::runtime_error("boom");
  co_return 1;
}

TEST(Task, ResumesOnTheExecutorAndReportsOnce) {
  QueueExecutor executor;
  Task<int> task = sum(executor);
  int reports = 0;
  task.start([&] { ++reports; });
  EXPECT_EQ(reports, 0);
  executor.run_all();
  EXPECT_EQ(reports, 1);
  EXPECT_EQ(task.take(), 6);
}

TEST(Task, CarriesExceptionsToItsOwner) {
  Task<int> task = thrower();
  bool done = false;
  task.start([&] { done = true; });
  EXPECT_TRUE(done);
  EXPECT_THROW((void)task.take(), std::runtime_error);
}

}  // namespace
}  // namespace kavach
