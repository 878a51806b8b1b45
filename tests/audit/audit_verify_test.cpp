#include "audit/audit_verify.h"

#include "audit_fixture.h"

namespace kavach::audit {
namespace {

using AuditVerify = SealedChain;

TEST_F(AuditVerify, R30_AnUntouchedChainIsIntact) {
  const auto found = verdict({.public_keys = {sealer.public_key()}, .kept_head = head()});
  EXPECT_TRUE(found.intact()) << found.first_bad->what;
  EXPECT_EQ(found.records, 25) << "two records say that segments were sealed";
  EXPECT_EQ(found.segments, 2);
}

TEST_F(AuditVerify, R30_EveryFlippedColumnIsFound) {
  for (const char* column :
       {"at_us", "kind", "actor", "address", "request_id", "body", "prev_hash"}) {
    store.run("CREATE TABLE saved AS SELECT * FROM audit_events WHERE seq = 7");
    const std::string expression = column == std::string_view{"at_us"} ? "at_us + 1" : "'x'";
    store.run("UPDATE audit_events SET " + std::string{column} + " = " + expression +
              " WHERE seq = 7");
    const auto found = verdict();
    ASSERT_FALSE(found.intact()) << column;
    EXPECT_EQ(found.first_bad->seq, 7) << column;
    store.run(
        "DELETE FROM audit_events WHERE seq = 7;"
        "INSERT INTO audit_events SELECT * FROM saved; DROP TABLE saved;");
  }
  EXPECT_TRUE(verdict().intact());
}

TEST_F(AuditVerify, R30_ADeletedRecordIsFound) {
  store.run("DELETE FROM audit_events WHERE seq = 5");
  const auto found = verdict();
  ASSERT_FALSE(found.intact());
  EXPECT_EQ(found.first_bad->seq, 5);
}

TEST_F(AuditVerify, R30_ADeletedRecordIsFoundAlsoWhenTheOthersMoveUp) {
  store.run(
      "DELETE FROM audit_events WHERE seq = 5;"
      "UPDATE audit_events SET seq = -seq WHERE seq > 5;"
      "UPDATE audit_events SET seq = -seq - 1 WHERE seq < 0;");
  EXPECT_EQ(verdict().first_bad->seq, 5);
}

TEST_F(AuditVerify, R30_SwappedRecordsAreFound) {
  store.run(
      "UPDATE audit_events SET seq = -3 WHERE seq = 3;"
      "UPDATE audit_events SET seq = 3 WHERE seq = 4;"
      "UPDATE audit_events SET seq = 4 WHERE seq = -3;");
  EXPECT_EQ(verdict().first_bad->seq, 3);
}

TEST_F(AuditVerify, R30_AnInsertedRecordIsFound) {
  store.run(
      "INSERT INTO audit_events SELECT 0, at_us, kind, actor, address, request_id, body,"
      " prev_hash, hash FROM audit_events WHERE seq = 1");
  EXPECT_EQ(verdict().first_bad->seq, 0);
}

TEST_F(AuditVerify, R30_ATruncationIsFoundBySegmentsAndByAKeptHead) {
  const SignedHead kept = head();
  store.run("DELETE FROM audit_events WHERE seq > 15");
  EXPECT_EQ(verdict().first_bad->seq, 16) << "record 16 was sealed";
  store.run("DELETE FROM audit_segments WHERE number = 2");
  EXPECT_TRUE(verdict().intact()) << "nothing inside the database can show it";
  const auto found = verdict({.public_keys = {}, .kept_head = kept});
  ASSERT_FALSE(found.intact());
  EXPECT_EQ(found.first_bad->seq, 16);
}

/// An attacker who can write to the database computes a whole new chain.
void rewrite_from(test::TestDatabase& store, std::int64_t first) {
  std::vector<AuditRecord> records;
  ASSERT_OK(store->read([&](store::Reader& reader) {
    return read_records(reader, 1, 1'000, [&](const AuditRecord& record) {
      records.push_back(record);
      return true;
    });
  }));
  for (std::size_t i = static_cast<std::size_t>(first) - 1; i < records.size(); ++i) {
    if (i + 1 == static_cast<std::size_t>(first)) records[i].actor = "someone else";
    records[i].prev_hash = i == 0 ? std::string{kGenesisHash} : records[i - 1].hash;
    records[i].hash = hash_of(records[i]);
    ASSERT_OK(store->write_and_wait([&](store::Transaction& transaction) -> Result<void> {
      auto done = transaction.execute(
          "UPDATE audit_events SET actor = ?, prev_hash = ?, hash = ? WHERE seq = ?",
          {std::string_view{records[i].actor}, std::string_view{records[i].prev_hash},
           std::string_view{records[i].hash}, records[i].seq});
      return done ? Result<void>{} : pass_on(done);
    }));
  }
}

TEST_F(AuditVerify, R30_ARewrittenChainIsFoundBySegmentsAndByAKeptHead) {
  const SignedHead kept = head();
  rewrite_from(store, 23);
  EXPECT_TRUE(verdict().intact()) << "not sealed yet, and consistent with itself";
  EXPECT_FALSE(verdict({.public_keys = {}, .kept_head = kept}).intact());
  rewrite_from(store, 3);
  EXPECT_FALSE(verdict().intact());
}

TEST_F(AuditVerify, R30_AForgedSegmentIsFound) {
  rewrite_from(store, 3);
  store.run("DELETE FROM audit_segments");
  AuditSealer forger{*store, *chain, clock, Secret{std::string(32, 'f')}};
  EXPECT_EQ(forger.seal(), 2U);
  EXPECT_FALSE(verdict({.public_keys = {sealer.public_key()}, .kept_head = {}}).intact());
}

TEST_F(AuditVerify, R30_AChangedSegmentIsFound) {
  store.run("UPDATE audit_segments SET day = '2027-07-01' WHERE number = 2");
  EXPECT_EQ(verdict().first_bad->seq, kFirstDay + 1);
}

TEST_F(AuditVerify, AKeptHeadMustBeSigned) {
  std::string line = to_json(head());
  EXPECT_OK(parse_signed_head(line));
  line.replace(line.find("\"seq\":") + 6, 1, "9");
  EXPECT_FALSE(parse_signed_head(line));
  EXPECT_FALSE(parse_signed_head("{}"));
  EXPECT_FALSE(parse_signed_head("junk"));
}

TEST_F(AuditVerify, SealingIsRepeatableAndWaitsForTheEndOfTheDay) {
  EXPECT_EQ(sealer.seal(), 0U) << "the third day is not over";
  clock.advance(std::chrono::hours{24});
  EXPECT_EQ(sealer.seal(), 1U);
  EXPECT_EQ(sealer.seal(), 0U) << "its own record belongs to the new day";
  EXPECT_TRUE(verdict().intact());
}

TEST_F(AuditVerify, AClockThatJumpsDoesNotStopSealing) {
  clock.jump(std::chrono::hours{24 * 365});
  add(2);
  clock.jump(-std::chrono::hours{24 * 365});
  add(2);
  clock.advance(std::chrono::hours{24});
  EXPECT_EQ(sealer.seal(), 3U) << "the day, the year ahead, the rest of the day";
  EXPECT_TRUE(verdict().intact());
}

}  // namespace
}  // namespace kavach::audit
