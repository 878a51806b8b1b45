#pragma once

// A session as Sessions holds it in memory, and the index over all of them. Private to this room.

#include <atomic>
#include <cstring>
#include <unordered_map>
#include <utility>

#include "identity/sessions.h"

namespace kavach::identity {

struct Sessions::Live {
  std::string id;
  UserId user{0};
  crypto::Digest256 digest{};
  TimePoint created_at{};
  TimePoint ends_at{};
  std::string address;
  std::string device;
  std::string csrf_token;
  std::atomic<std::int64_t> last_seen{0};
  std::atomic<std::int64_t> stepped_up{0};  ///< 0: never
  std::atomic<bool> ended{false};           ///< refused from now on, whatever the tables say
  std::atomic<bool> seen_since_write{false};
};

struct Sessions::Index {
  /// The digest is keyed, so its own first bytes are a hash nobody outside can steer.
  struct DigestHash {
    std::size_t operator()(const crypto::Digest256& digest) const noexcept {
      std::size_t head = 0;
      std::memcpy(&head, digest.data(), sizeof head);
      return head;
    }
  };

  std::unordered_map<crypto::Digest256, LivePtr, DigestHash> by_digest;
  std::map<std::string, LivePtr, std::less<>> by_id;
  std::int64_t counter{0};

  /// A row that a reload has read between its commit and this is kept as it was read: one session is one Live,
  /// so that it is ended once and for all.
  void add(LivePtr live) {
    if (const auto known = by_digest.find(live->digest); known != by_digest.end()) {
      if (live->ended) known->second->ended = true;
      return;
    }
    by_id[live->id] = live;
    const auto digest = live->digest;
    by_digest[digest] = std::move(live);
  }
  void remove(const Live& live) {
    by_digest.erase(live.digest);
    const auto found = by_id.find(live.id);
    if (found != by_id.end() && found->second->digest == live.digest) by_id.erase(found);
  }
};

template <class Change>
void Sessions::change_index(Change&& change) {
  const std::lock_guard lock{replacing_};
  Index index = *index_.read();
  change(index);
  index_.replace(std::move(index));
}

}  // namespace kavach::identity
