#pragma once

#include <gtest/gtest.h>

#include "core/result.h"

namespace kavach::test {

/// `ASSERT_OK(result)`: shows the error's message and detail when it failed.
template <class T>
testing::AssertionResult succeeded(const Result<T>& result) {
  if (result) return testing::AssertionSuccess();
  return testing::AssertionFailure()
         << "error: " << result.error().message << " [" << result.error().detail << "]";
}

}  // namespace kavach::test

#define ASSERT_OK(result) ASSERT_TRUE(::kavach::test::succeeded(result))
#define EXPECT_OK(result) EXPECT_TRUE(::kavach::test::succeeded(result))
