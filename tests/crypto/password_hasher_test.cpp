#include "crypto/password_hasher.h"

#include <gtest/gtest.h>

#include <future>

#include "crypto/hashing_pool.h"
#include "crypto/phc.h"
#include "support/matchers.h"

namespace kavach::crypto {
namespace {

constexpr Argon2Cost kCheap{.passes = 1, .memory_kib = 64, .lanes = 4};
constexpr std::string_view kPepper = "pepper-pepper-pepper-pepper-pepper-0001";
const SecureRandom kRandom;

KeyRing ring_with(std::string_view pepper, std::vector<std::string> older = {}) {
  Generations generations{Secret{pepper}, {}};
  for (const auto& old : older) generations.older.emplace_back(old);
  return *KeyRing::create({Secret{std::string_view{"app-key-app-key-app-key-app-key-1234"}}, {}},
                          std::move(generations),
                          {Secret{std::string_view{"field-field-field-field-field-field-1"}}, {}});
}

Secret word(std::string_view text) { return Secret{text}; }

TEST(PasswordHasher, R1VerifiesWhatArgon2CffiMade) {
  const auto ring = ring_with(kPepper);
  const PasswordHasher hasher{ring, kRandom};
  const auto stored = PasswordHasher::imported(
      ring.current_id(Master::Pepper),
      "$argon2id$v=19$m=65536,t=3,p=4$MDEyMzQ1Njc4OWFiY2RlZg$Ar3JMxS97KBS0nILgb+Vxk5YIKfSOVroM0aB1pKIbC4");
  const auto verdict = hasher.verify(word("correct horse battery"), stored);
  ASSERT_OK(verdict);
  EXPECT_TRUE(verdict->matches);
  EXPECT_FALSE(verdict->needs_rehash);
}

TEST(PasswordHasher, R1WrongValueAndDecoyNeverMatch) {
  const auto ring = ring_with(kPepper);
  const PasswordHasher hasher{ring, kRandom, kCheap};
  const auto stored = hasher.hash(word("correct horse battery"));
  ASSERT_OK(stored);
  EXPECT_TRUE(hasher.verify(word("correct horse battery"), *stored)->matches);
  EXPECT_FALSE(hasher.verify(word("correct horse batterz"), *stored)->matches);
  EXPECT_FALSE(hasher.verify(word("correct horse battery"), hasher.decoy())->matches);
  EXPECT_NE(*hasher.hash(word("x")), *hasher.hash(word("x")));
}

TEST(PasswordHasher, R26CheaperParametersAndOlderPeppersAskForARehash) {
  const auto before = ring_with(kPepper);
  const auto stored = *PasswordHasher{before, kRandom, kCheap}.hash(word("secret"));
  const auto dearer = PasswordHasher{before, kRandom, {.passes = 2, .memory_kib = 64, .lanes = 4}};
  EXPECT_TRUE(dearer.verify(word("secret"), stored)->needs_rehash);

  const auto after = ring_with("another-pepper-another-pepper-another", {std::string{kPepper}});
  const PasswordHasher rotated{after, kRandom, kCheap};
  const auto verdict = rotated.verify(word("secret"), stored);
  ASSERT_OK(verdict);
  EXPECT_TRUE(verdict->matches);
  EXPECT_TRUE(verdict->needs_rehash);
  EXPECT_FALSE(rotated.verify(word("wrong"), stored)->needs_rehash);
}

TEST(PasswordHasher, AStolenDatabaseWithoutThePepperVerifiesNothing) {
  const auto ring = ring_with(kPepper);
  const auto stored = *PasswordHasher{ring, kRandom, kCheap}.hash(word("secret"));
  const auto thief_ring = ring_with("the-thief-guesses-a-pepper-of-his-own");
  const auto verdict = PasswordHasher{thief_ring, kRandom, kCheap}.verify(word("secret"), stored);
  ASSERT_FALSE(verdict);
  EXPECT_EQ(verdict.error().code, ErrorCode::StorageCorrupt);
}

TEST(Phc, R1HostileHashRowsAreRefusedBeforeAnyWork) {
  constexpr std::string_view kTail = "$MDEyMzQ1Njc4OWFiY2RlZg$Ar3JMxS97KBS0nILgb+Vxk5YIKfSOVroM0aB1pKIbC4";
  EXPECT_TRUE(parse_phc("$argon2id$v=19$m=65536,t=3,p=4" + std::string{kTail}));
  for (const char* head : {"$argon2id$v=19$m=4194304,t=3,p=4", "$argon2id$v=19$m=65536,t=4000000000,p=4",
                           "$argon2id$v=19$m=65536,t=3,p=255", "$argon2id$v=19$m=8,t=1,p=4",
                           "$argon2i$v=19$m=65536,t=3,p=4", "$argon2id$v=16$m=65536,t=3,p=4",
                           "$argon2id$v=19$t=3,m=65536,p=4", "argon2id$v=19$m=65536,t=3,p=4",
                           "$argon2id$v=19$m=-1,t=3,p=4", "$argon2id$v=19$m=65536,t=3"}) {
    EXPECT_FALSE(parse_phc(std::string{head} + std::string{kTail})) << head;
  }
  EXPECT_FALSE(parse_phc("$argon2id$v=19$m=64,t=1,p=4$$"));
  EXPECT_FALSE(parse_phc(std::string(100'000, '$')));
}

TEST(HashingPool, R1AFloodIsRefusedAtOnceAndTheRestIsServed) {
  const auto ring = ring_with(kPepper);
  const PasswordHasher hasher{ring, kRandom, kCheap};
  std::atomic<int> served{0};
  std::atomic<int> refused{0};
  {
    std::promise<void> release;
    std::promise<void> holding;
    HashingPool pool{hasher, 1, 4};  // after the promises: its jobs use them until it is gone
    pool.verify(word("x"), hasher.decoy(), [&](auto) {
      ++served;
      holding.set_value();
      release.get_future().wait();
    });
    holding.get_future().wait();
    for (int i = 0; i < 200; ++i) {
      pool.verify(word("x"), hasher.decoy(), [&](const Result<Verdict>& verdict) {
        if (verdict) {
          ++served;
        } else {
          EXPECT_EQ(verdict.error().code, ErrorCode::Busy);
          ++refused;
        }
      });
    }
    EXPECT_EQ(refused, 196);
    release.set_value();
  }
  EXPECT_EQ(served, 5);
}

}  // namespace
}  // namespace kavach::crypto
