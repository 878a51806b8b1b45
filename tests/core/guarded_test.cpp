#include "core/guarded.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace kavach {
namespace {

// Under the thread sanitizer this is what proves the snapshot: readers see a whole value, old or new.
TEST(Snapshot, ReadersSeeWholeValuesWhileItIsReplaced) {
  Snapshot<std::vector<int>> snapshot{std::vector<int>(64, 0)};
  std::atomic<bool> torn{false};
  std::vector<std::thread> readers;
  for (int n = 0; n < 3; ++n) {
    readers.emplace_back([&] {
      for (int i = 0; i < 20'000; ++i) {
        const auto seen = snapshot.read();
        if (seen->front() != seen->back()) torn = true;
      }
    });
  }
  for (int i = 1; i <= 2'000; ++i) snapshot.replace(std::vector<int>(64, i));
  for (auto& reader : readers) reader.join();
  EXPECT_FALSE(torn);
  EXPECT_EQ(snapshot.read()->front(), 2'000);
}

}  // namespace
}  // namespace kavach
