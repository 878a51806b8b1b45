#pragma once

// A lazily started coroutine with one owner. Rooms above core write their request logic as
// `Task<T>`; suspension happens only in `resume_on`, so between two of them code runs on one thread.
//
// Thread rule: a Task is started, resumed and destroyed on one executor. A Task that has been
// started must not be destroyed before it is done.

#include <coroutine>
#include <exception>
#include <functional>
#include <optional>
#include <type_traits>
#include <utility>

#include "core/check.h"
#include "core/executor.h"

namespace kavach {

template <class T>
class Task;

namespace detail {

struct TaskPromiseBase {
  std::coroutine_handle<> continuation{};
  Job on_done{};
  std::exception_ptr failure{};

  struct FinalAwaiter {
    bool await_ready() noexcept { return false; }
    template <class Promise>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> self) noexcept {
      auto& promise = self.promise();
      if (promise.continuation) return promise.continuation;
      if (promise.on_done) {
        // The callback may destroy the frame, so it is moved out first.
        Job done = std::move(promise.on_done);
        done();
      }
      return std::noop_coroutine();
    }
    void await_resume() noexcept {}
  };

  std::suspend_always initial_suspend() noexcept { return {}; }
  FinalAwaiter final_suspend() noexcept { return {}; }
  void unhandled_exception() noexcept { failure = std::current_exception(); }
};

template <class T>
struct TaskPromise : TaskPromiseBase {
  std::optional<T> value{};
  Task<T> get_return_object();
  template <class U>
  void return_value(U&& result) {
    value.emplace(std::forward<U>(result));
  }
  T take() {
    if (failure) std::rethrow_exception(failure);
    check(value.has_value(), "a task was read before it finished");
    return std::move(*value);
  }
};

template <>
struct TaskPromise<void> : TaskPromiseBase {
  Task<void> get_return_object();
  void return_void() noexcept {}
  void take() {
    if (failure) std::rethrow_exception(failure);
  }
};

}  // namespace detail

template <class T>
class [[nodiscard]] Task {
 public:
  using promise_type = detail::TaskPromise<T>;

  Task() = default;
  explicit Task(std::coroutine_handle<promise_type> frame) : frame_{frame} {}
  Task(Task&& other) noexcept : frame_{std::exchange(other.frame_, {})} {}
  Task& operator=(Task&& other) noexcept {
    if (this != &other) {
      if (frame_) frame_.destroy();
      frame_ = std::exchange(other.frame_, {});
    }
    return *this;
  }
  Task(const Task&) = delete;
  Task& operator=(const Task&) = delete;
  ~Task() {
    if (frame_) frame_.destroy();
  }

  /// For a root owner that is not a coroutine. Runs to the first suspension; `on_done` is called once
  /// when the task has finished, possibly before `start` returns; then `take` has the result.
  void start(Job on_done) {
    frame_.promise().on_done = std::move(on_done);
    frame_.resume();
  }
  [[nodiscard]] bool done() const { return frame_ && frame_.done(); }
  /// The result; rethrows what the coroutine threw.
  T take() { return frame_.promise().take(); }

  // Awaiting from another Task.
  bool await_ready() const noexcept { return frame_.done(); }
  std::coroutine_handle<> await_suspend(std::coroutine_handle<> caller) noexcept {
    frame_.promise().continuation = caller;
    return frame_;
  }
  T await_resume() { return frame_.promise().take(); }

 private:
  std::coroutine_handle<promise_type> frame_{};
};

namespace detail {
template <class T>
Task<T> TaskPromise<T>::get_return_object() {
  return Task<T>{std::coroutine_handle<TaskPromise<T>>::from_promise(*this)};
}
inline Task<void> TaskPromise<void>::get_return_object() {
  return Task<void>{std::coroutine_handle<TaskPromise<void>>::from_promise(*this)};
}
}  // namespace detail

/// Awaits an operation that reports by callback, on any thread, and resumes on `executor`:
///
///     auto committed = co_await resume_on<Result<void>>(executor, [&](auto complete) {
///       database.write(std::move(unit), std::move(complete));
///     });
///
/// `complete` must be called exactly once.
template <class T, class Start>
class ResumeOn {
 public:
  ResumeOn(Executor& executor, Start start) : executor_{executor}, start_{std::move(start)} {}
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> waiting) {
    // Nothing of *this may be touched once the operation has been started: the coroutine may already
    // have been resumed, and its frame gone.
    Start start = std::move(start_);
    start([this, waiting](T result) {
      executor_.post([this, waiting, value = std::move(result)]() mutable {
        result_.emplace(std::move(value));
        waiting.resume();
      });
    });
  }
  T await_resume() { return std::move(*result_); }

 private:
  Executor& executor_;
  Start start_;
  std::optional<T> result_{};
};

template <class T, class Start>
ResumeOn<T, Start> resume_on(Executor& executor, Start start) {
  return ResumeOn<T, Start>{executor, std::move(start)};
}

}  // namespace kavach
