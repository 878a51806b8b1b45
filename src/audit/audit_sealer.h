#pragma once

// Seals the audit chain day by day, and signs its head on request. Runs on a worker thread, once in
// a while (hourly is plenty); what is sealed late is sealed all the same.

#include <cstddef>
#include <vector>

#include "audit/audit_log.h"
#include "audit/audit_segment.h"
#include "audit/merkle.h"
#include "core/clock.h"
#include "core/secret.h"

namespace kavach::audit {

/// Not thread-safe: one owner calls it. The database, log and clock must outlive it.
class AuditSealer {
 public:
  /// A busier day gets several segments: a proof needs a segment's hashes in memory.
  static constexpr std::size_t kSegmentRecordsMax = 131'072;

  /// `seed`: 32 bytes, KeyRing::derive(Purpose::AuditSigning).
  AuditSealer(store::Database& database, AuditLog& log, const Clock& clock, const Secret& seed)
      : database_{database}, log_{log}, clock_{clock}, signer_{seed} {}

  /// Seals the days that are over; returns how many segments that made. Each is itself recorded
  /// (`audit.sealed`), in the transaction that stores it.
  [[nodiscard]] Result<std::size_t> seal();

  /// Signs a head that was read from the chain, with the time of now.
  [[nodiscard]] SignedHead sign(const ChainHead& head) const;
  [[nodiscard]] std::string public_key() const;

 private:
  /// Records that will become a segment.
  struct Stretch {
    AuditSegment segment;
    MerkleRoot tree;
  };

  [[nodiscard]] Result<std::vector<AuditSegment>> find_closed();
  [[nodiscard]] Result<void> store_segment(store::Transaction& transaction,
                                           const AuditSegment& segment);

  store::Database& database_;
  AuditLog& log_;
  const Clock& clock_;
  const crypto::Ed25519Signer signer_;
};

}  // namespace kavach::audit
