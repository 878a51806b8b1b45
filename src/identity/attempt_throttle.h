#pragma once

// Slows guessing down: after a few free attempts each further one must wait, and the wait doubles. Kept
// per key, where a key is an account, a source network, a known device or a second factor. An attempt
// is counted before it is judged, so a thousand parallel guesses are a thousand attempts.
//
// Thread-safe. Bounded: the least recently tried key is forgotten first. In memory only: a restart
// forgets, the ban ladder and the route limits do not.

#include <chrono>
#include <cstddef>
#include <list>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/clock.h"
#include "core/guarded.h"

namespace kavach::identity {

class AttemptThrottle {
 public:
  struct Rule {
    int free_attempts{5};
    std::chrono::seconds first_wait{30};
    std::chrono::seconds wait_max{15 * 60};
  };
  struct Key {
    std::string name;
    Rule rule;
  };
  using Keys = std::vector<Key>;

  explicit AttemptThrottle(const Clock& clock, std::size_t keys_max = 50'000);

  /// Counts an attempt against every key; or counts nothing and says how long to wait.
  [[nodiscard]] std::optional<std::chrono::seconds> admit(const Keys& keys);
  /// Takes an admitted attempt back: it was right, or it was never judged.
  void take_back(const Keys& keys);
  void forget(const std::string& name);

 private:
  struct Counter {
    int attempts{0};
    Monotonic last{};
    std::list<std::string>::iterator place;
  };
  struct Counters {
    std::unordered_map<std::string, Counter> by_name;
    std::list<std::string> oldest_first;
  };

  [[nodiscard]] static Monotonic wait_of(const Counter& counter, const Rule& rule);

  const Clock& clock_;
  const std::size_t keys_max_;
  Guarded<Counters> counters_;
};

}  // namespace kavach::identity
