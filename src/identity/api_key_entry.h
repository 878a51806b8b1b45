#pragma once

// One API key as ApiKeys holds it in memory, and the index over all of them. Private to this room.

#include <algorithm>
#include <atomic>
#include <cstring>
#include <map>
#include <unordered_map>

#include "core/text.h"
#include "identity/api_keys.h"
#include "identity/row_time.h"

namespace kavach::identity {

struct ApiKeys::Entry {
  struct Usage {
    std::optional<TimePoint> at;
    std::string written_address;  ///< as the table has it, until the key is used again
    std::optional<IpAddress> address;
    bool unwritten{false};
  };
  struct Waiter {
    IpAddress client;
    std::move_only_function<void(KeyCheck)> done;
  };
  /// What changes without a commit; one for a key, shared by all versions of its entry.
  struct State {
    std::atomic<bool> verified{false};  ///< its Argon2 hash was checked by this process
    std::atomic<bool> refused{false};   ///< revoked, though not yet durably
    std::atomic<bool> renewing{false};  ///< being hashed under the current pepper
    Guarded<Usage> usage;
    Guarded<std::vector<Waiter>> waiting;  ///< for the one hash that is running
  };

  std::int64_t id{0};
  UserId user{0};
  std::string name;
  KeyScope scope{KeyScope::Read};
  crypto::Digest256 digest{};
  std::string hash;
  std::string hint;
  std::optional<std::string> sealed_copy;
  std::optional<std::string> signing_secret;  ///< sealed
  TimePoint created_at{};
  std::optional<TimePoint> expires_at;
  std::optional<TimePoint> grace_until;
  std::optional<TimePoint> revoked_at;
  std::optional<TimePoint> exposed_at;
  std::vector<Cidr> allow;
  std::shared_ptr<State> state{std::make_shared<State>()};

  [[nodiscard]] std::string text_id() const { return "k_" + std::to_string(id); }
  void note_use(TimePoint at, const IpAddress& client) const;
  /// Nothing for a row that cannot be trusted; it then matches no key.
  [[nodiscard]] static std::optional<Entry> from(const store::Row& row);
};

struct ApiKeys::Index {
  struct DigestHash {
    std::size_t operator()(const crypto::Digest256& digest) const noexcept {
      std::size_t head = 0;
      std::memcpy(&head, digest.data(), sizeof head);
      return head;
    }
  };

  std::unordered_map<crypto::Digest256, EntryPtr, DigestHash> by_digest;
  std::map<std::int64_t, EntryPtr> by_id;
  std::int64_t counter{0};

  void put(Entry entry) {
    if (const auto before = by_id.find(entry.id); before != by_id.end()) by_digest.erase(before->second->digest);
    auto shared = std::make_shared<const Entry>(std::move(entry));
    by_id[shared->id] = shared;
    by_digest[shared->digest] = std::move(shared);
  }
};

template <class Change>
void ApiKeys::change_index(Change&& change) {
  const std::lock_guard lock{replacing_};
  Index index = *index_.read();
  change(index);
  index_.replace(std::move(index));
}

/// Changes the entry as it is now, so that two changes never undo each other.
template <class Change>
void ApiKeys::edit(std::int64_t id, Change&& change) {
  change_index([&](Index& index) {
    const auto found = index.by_id.find(id);
    if (found == index.by_id.end()) return;
    Entry edited = *found->second;
    change(edited);
    index.put(std::move(edited));
  });
}

[[nodiscard]] std::string allow_text(const std::vector<Cidr>& allow);

}  // namespace kavach::identity
