#pragma once

#include <gtest/gtest.h>

#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "audit/audit_chain.h"
#include "audit/audit_sealer.h"
#include "audit/audit_verify.h"
#include "audit/schema.h"
#include "core/civil_time.h"
#include "support/test_database.h"

namespace kavach::audit {

/// Three days of records, the first two sealed; the tests then play the attacker.
struct SealedChain : testing::Test {
  static constexpr std::int64_t kFirstDay = 11;
  static constexpr std::int64_t kSecondDay = 8;

  SealedChain() {
    add(kFirstDay);
    clock.advance(std::chrono::hours{24});
    add(kSecondDay);
    clock.advance(std::chrono::hours{24});
    EXPECT_EQ(sealer.seal(), 2U);
    add(4);
  }

  void add(std::int64_t records) {
    for (std::int64_t i = 0; i < records; ++i) {
      EXPECT_OK(store->write_and_wait([&](store::Transaction& transaction) {
        return chain->append(transaction, {.kind = i % 2 == 0 ? "order.intent" : "login.failed",
                                           .actor = i % 3 == 0 ? "=ada" : "ada",
                                           .address = "192.0.2.1",
                                           .request_id = "r-" + std::to_string(i),
                                           .fields = {{"note", "\"quoted\" ₹ \\ line\nbreak"}}});
      }));
    }
  }

  AuditVerdict verdict(AuditTrust trust = {}) {
    auto found = verify_audit(*store, trust);
    EXPECT_OK(found);
    return found ? std::move(*found) : AuditVerdict{};
  }

  SignedHead head() {
    ChainHead found;
    EXPECT_OK(store->read([&](store::Reader& reader) -> Result<void> {
      found = *read_head(reader);
      return {};
    }));
    return sealer.sign(found);
  }

  test::TestDatabase store{{audit_schema()}};
  ManualClock clock{from_ist(*parse_date("2027-06-29"), std::chrono::hours{10})};
  std::unique_ptr<AuditChain> chain{*AuditChain::open(*store, clock, Logger::silent())};
  AuditSealer sealer{*store, *chain, clock, Secret{std::string(32, 'k')}};
};

}  // namespace kavach::audit
