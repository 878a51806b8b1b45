#include "identity/request_signing.h"

#include <memory>
#include <utility>

#include "core/text.h"
#include "crypto/hmac.h"
#include "identity/commit.h"
#include "identity/row_time.h"

namespace kavach::identity {
namespace {

constexpr std::size_t kNonceMin = 16;
constexpr std::size_t kNonceMax = 64;
constexpr std::string_view kNonceCharacters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

std::unexpected<Error> refused(std::string why) {
  return fail(ErrorCode::Unauthenticated, "The request's signature is missing, wrong or too old.", std::move(why));
}

bool usable_nonce(std::string_view nonce) {
  return nonce.size() >= kNonceMin && nonce.size() <= kNonceMax &&
         nonce.find_first_not_of(kNonceCharacters) == std::string_view::npos;
}

}  // namespace

std::string signed_text(const SignedRequest& request) {
  std::string text;
  for (const auto* part : {&request.method, &request.path, &request.body_digest, &request.timestamp}) {
    text += *part;
    text += '\n';
  }
  return text + request.nonce;
}

RequestSigning::RequestSigning(store::Database& database, ApiKeys& keys, const Clock& clock)
    : database_{database}, keys_{keys}, clock_{clock} {}

Task<Result<void>> RequestSigning::check(std::string key_id, SignedRequest request, Executor& executor) {
  const auto secret = keys_.signing_secret(key_id);
  if (!secret) co_return pass_on(secret);
  const auto sent_at = parse_int(request.timestamp);
  if (!sent_at || !usable_nonce(request.nonce)) co_return refused("malformed");
  const std::int64_t now = epoch_seconds(clock_.now());
  if (*sent_at > now + kSignatureWindow.count() || *sent_at < now - kSignatureWindow.count()) co_return refused("timestamp");
  const auto expected = crypto::HmacSha256{*secret}.hex(signed_text(request));
  if (!equal_in_constant_time(expected, to_lower(request.signature))) co_return refused("signature");

  // Only a nonce with a right signature is stored, so nobody else can fill the table.
  const auto expires = TimePoint{std::chrono::seconds{*sent_at}} + 2 * kSignatureWindow;
  auto fresh = std::make_shared<bool>(false);
  const auto number = parse_int(std::string_view{key_id}.substr(2)).value_or(0);
  store::Unit unit = [number, expires, fresh, nonce = request.nonce](store::Transaction& transaction) -> Result<void> {
    auto inserted = transaction.execute(
        "INSERT INTO api_request_nonces (key_id, nonce, expires_at) VALUES (?, ?, ?) ON CONFLICT (key_id, nonce) DO NOTHING",
        {number, nonce, time_param(expires)});
    if (!inserted) return pass_on(std::move(inserted));
    *fresh = *inserted == 1;
    return {};
  };
  auto committed = co_await commit(executor, database_, std::move(unit), [] {});
  if (!committed) co_return committed;
  if (!*fresh) co_return refused("repeated nonce");
  co_return Result<void>{};
}

Result<void> RequestSigning::sweep() {
  const TimePoint now = clock_.now();
  return database_.write_and_wait([now](store::Transaction& transaction) -> Result<void> {
    auto removed = transaction.execute("DELETE FROM api_request_nonces WHERE expires_at < ?", {time_param(now)});
    if (!removed) return pass_on(std::move(removed));
    return {};
  });
}

}  // namespace kavach::identity
