#pragma once

// Where a continuation runs. The http room implements it over an I/O thread; tests run inline.

#include <functional>

namespace kavach {

using Job = std::move_only_function<void()>;

/// Thread-safe. `post` never blocks and never runs the job before returning, except InlineExecutor.
class Executor {
 public:
  virtual ~Executor() = default;
  virtual void post(Job job) = 0;
};

class InlineExecutor final : public Executor {
 public:
  void post(Job job) override { job(); }
};

}  // namespace kavach
