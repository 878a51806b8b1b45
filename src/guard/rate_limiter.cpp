#include "guard/rate_limiter.h"

#include <algorithm>
#include <charconv>
#include <cstring>

#include "core/json.h"

namespace kavach::guard {
namespace {

std::int64_t micros_of(Monotonic at) { return std::chrono::floor<Micros>(at).count(); }

Rates rates(const char* text) { return Rates::parse(text).value(); }

RateKey key_of(RateClass rate_class, const IpAddress& network) {
  RateKey key{.rate_class = static_cast<std::uint8_t>(rate_class)};
  std::memcpy(&key.high, network.bytes().data(), 8);
  std::memcpy(&key.low, network.bytes().data() + 8, 8);
  return key;
}

/// FNV-1a: key ids are named by ourselves, so nobody can make two collide.
std::uint64_t hash_of(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  return hash;
}

std::uint64_t hexadecimal(std::string_view digits) {
  std::uint64_t number = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), number, 16);
  return number;
}

}  // namespace

std::string_view name_of(RateClass rate_class) {
  switch (rate_class) {
    case RateClass::Api: return "api";
    case RateClass::Order: return "order";
    case RateClass::SmartOrder: return "smart_order";
    case RateClass::Greeks: return "greeks";
    case RateClass::Login: return "login";
    case RateClass::Reset: return "reset";
    case RateClass::Webhook: return "webhook";
    case RateClass::ConsoleRead: return "console_read";
    case RateClass::ConsoleWrite: return "console_write";
    case RateClass::ConsoleSensitive: return "console_sensitive";
    case RateClass::Default: return "default";
    case RateClass::Unrouted: return "unrouted";
  }
  return "default";
}

RateSet RateSet::defaults() {
  return {{rates("50 per second"), rates("10 per second"), rates("10 per second"), rates("30 per minute"),
           rates("5 per minute;25 per hour"), rates("15 per hour"), rates("100 per minute"),
           rates("60 per minute"), rates("30 per minute"), rates("10 per minute"), rates("60 per minute"),
           rates("60 per minute")}};
}

RateLimiter::RateLimiter(const Clock& clock, std::uint64_t hash_seed, Bounds bounds)
    : clock_{clock},
      strangers_{"address", hash_seed, bounds.addresses_max},
      accounts_{"account", hash_seed, bounds.accounts_max},
      principals_{"principal", hash_seed, bounds.principals_max} {}

RateDecision RateLimiter::by_address(RateClass rate_class, const IpAddress& address, const Rates& rates,
                                     std::uint32_t cost) {
  return strangers_.take(key_of(rate_class, Cidr::offender(address).base()), rates,
                         std::clamp(cost, 1U, kCostMax), micros_of(clock_.monotonic()));
}

RateDecision RateLimiter::by_principal(RateClass rate_class, const identity::Principal& principal,
                                       const Rates& rates, std::uint32_t cost) {
  RateKey key{.high = static_cast<std::uint64_t>(principal.user),
              .rate_class = static_cast<std::uint8_t>(rate_class)};
  if (principal.credential == identity::Credential::ApiKey) key.low = hash_of(principal.credential_id) | 1U;
  return principals_.take(key, rates, std::clamp(cost, 1U, kCostMax), micros_of(clock_.monotonic()));
}

RateDecision RateLimiter::by_account(RateClass rate_class, std::string_view account_digest, const Rates& rates) {
  const RateKey key{.high = hexadecimal(account_digest.substr(0, 16)),
                    .low = hexadecimal(account_digest.substr(16, 16)),
                    .rate_class = static_cast<std::uint8_t>(rate_class)};
  return accounts_.take(key, rates, 1, micros_of(clock_.monotonic()));
}

std::vector<SavedBucket> RateLimiter::save_changed(std::size_t buckets_max) {
  const std::int64_t now = micros_of(clock_.monotonic());
  const std::int64_t wall = epoch_micros(clock_.now());
  constexpr auto kAgainstGuessing = [](std::uint8_t rate_class) {
    return rate_class == static_cast<std::uint8_t>(RateClass::Login) ||
           rate_class == static_cast<std::uint8_t>(RateClass::Reset);
  };
  std::vector<SavedBucket> out;
  for (const bool guessing : {true, false}) {
    for (RateTable* table : {&strangers_, &accounts_, &principals_}) {
      const auto wanted = [&](std::uint8_t rate_class) { return kAgainstGuessing(rate_class) == guessing; };
      table->save_changed(out, buckets_max, wanted, now, wall);
    }
  }
  return out;
}

void RateLimiter::restore(const std::vector<SavedBucket>& saved) {
  const std::int64_t now = micros_of(clock_.monotonic());
  const std::int64_t wall = epoch_micros(clock_.now());
  for (const SavedBucket& bucket : saved) {
    for (RateTable* table : {&strangers_, &accounts_, &principals_}) {
      if (table->name() == bucket.table) table->restore(bucket, now, wall);
    }
  }
}

void add_rate_headers(const RateDecision& decision, http::Response& response) {
  const auto seconds_up = [](std::chrono::milliseconds span) {
    return std::to_string(std::chrono::ceil<std::chrono::seconds>(span).count());
  };
  response.with("RateLimit-Limit", std::to_string(decision.limit.count))
      .with("RateLimit-Remaining", std::to_string(decision.remaining))
      .with("RateLimit-Reset", seconds_up(decision.reset));
  if (!decision.allowed) {
    response.with("Retry-After", seconds_up(std::max(decision.retry_after, std::chrono::milliseconds{1})));
  }
}

http::Response api_rate_refusal(const RateDecision& decision) {
  std::string body;
  JsonWriter{body}.object().field("message", decision.limit.contract_text()).end();
  return http::Response::json(429, std::move(body));
}

}  // namespace kavach::guard
