#pragma once

// What every implementation of Database must do, as one parameterised suite. An implementation
// provides a DatabaseMaker and instantiates the suite (sqlite_database_test.cpp does).

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>

#include "store/database.h"

namespace kavach::store {

/// Makes databases over one place: calling `open` again after the first was destroyed finds what it
/// had committed.
class DatabasePlace {
 public:
  virtual ~DatabasePlace() = default;
  virtual std::unique_ptr<Database> open(std::size_t queue_max) = 0;
};

struct DatabaseMaker {
  std::string name;
  std::function<std::unique_ptr<DatabasePlace>()> place;
};

class DatabaseContract : public testing::TestWithParam<DatabaseMaker> {};

}  // namespace kavach::store
