#pragma once

// Every way the gateway refuses a request before its handler runs: one closed list of stable tokens
// (docs/defences.md), each with its status and the text a client sees, each counted. The pipeline and
// the defences name a Refusal; nobody invents a token elsewhere.

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace kavach::guard {

enum class Refusal {
  Banned,
  AmbiguousClientAddress,
  MisdirectedHost,
  Overloaded,
  RateLimited,
  AddressRateLimited,
  MissingCredential,
  InvalidApiKey,
  KeyInQuery,
  SessionExpired,
  OutOfScope,
  OwnerOnly,
  KeyAddressNotAllowed,
  BadSignature,
  CsrfToken,
  CrossSite,
  StepUpRequired,
  ConfirmRequired,
  NotFound,
  MethodNotAllowed,
  MalformedBody,
  MalformedRequest,
  BodyTooLarge,
  UnsupportedUpload,
  CorsOrigin,
  StorageUnavailable,
};
inline constexpr std::size_t kRefusals = static_cast<std::size_t>(Refusal::StorageUnavailable) + 1;

struct RefusalRow {
  Refusal refusal;
  std::string_view token;
  int status;
  std::string_view text;  ///< what the client is told
  std::string_view why;   ///< for the manual
};

[[nodiscard]] std::span<const RefusalRow> refusal_table();
[[nodiscard]] const RefusalRow& row_of(Refusal refusal);
[[nodiscard]] std::optional<Refusal> refusal_of(std::string_view token);

/// Totals since the start, one per refusal; those of a defence in shadow mode are kept apart.
/// Thread-safe.
class RefusalCounters {
 public:
  void count(Refusal refusal) { enforced_[at(refusal)].fetch_add(1, std::memory_order_relaxed); }
  void count_shadow(Refusal refusal) { shadow_[at(refusal)].fetch_add(1, std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t enforced(Refusal refusal) const { return enforced_[at(refusal)].load(); }
  [[nodiscard]] std::uint64_t shadow(Refusal refusal) const { return shadow_[at(refusal)].load(); }

 private:
  static std::size_t at(Refusal refusal) { return static_cast<std::size_t>(refusal); }
  std::array<std::atomic<std::uint64_t>, kRefusals> enforced_{};
  std::array<std::atomic<std::uint64_t>, kRefusals> shadow_{};
};

}  // namespace kavach::guard
