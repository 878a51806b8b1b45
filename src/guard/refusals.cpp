#include "guard/refusals.h"

namespace kavach::guard {
namespace {

using enum Refusal;

// In the order of the enumeration; the check below proves it.
constexpr RefusalRow kRows[] = {
    {Banned, "banned", 403, "Access Denied: Your IP has been banned",
     "the client address or its network is on the ban list"},
    {AmbiguousClientAddress, "ambiguous_client_address", 400,
     "The forwarded headers of this request name different clients.",
     "a trusted proxy passed on a forwarded header that it did not write"},
    {MisdirectedHost, "misdirected_host", 421, "This host name is not served here.",
     "the Host header is not in ALLOWED_HOSTS (DNS rebinding)"},
    {Overloaded, "overloaded", 503, "The gateway is busy. Try again shortly.",
     "requests wait too long; the least important are refused first"},
    {RateLimited, "rate_limited", 429, "Too many requests. Slow down and try again.",
     "the key or user is over the route's rate"},
    {AddressRateLimited, "address_rate_limited", 429, "Too many requests. Slow down and try again.",
     "unauthenticated requests from this address are over the route's rate, or what it asks for has no route too often"},
    {MissingCredential, "missing_credential", 401, "Sign in to continue.",
     "the route needs a session or an API key and the request carries neither"},
    {InvalidApiKey, "invalid_api_key", 403, "Invalid openalgo apikey",
     "the API key is unknown, expired or revoked"},
    {KeyInQuery, "key_in_query", 400,
     "Send the API key in the JSON body or the X-API-KEY header, never in the URL.",
     "an API key in a URL ends up in logs; the key is marked as exposed"},
    {SessionExpired, "session_expired", 401, "Your session has ended. Sign in again.",
     "the session is past its daily expiry, idle too long, or was ended elsewhere"},
    {OutOfScope, "out_of_scope", 403, "This API key may not do that.",
     "the key's scope does not include the action"},
    {OwnerOnly, "owner_only", 403, "Only the owner may do that.", "the user's role is too small"},
    {KeyAddressNotAllowed, "key_address_not_allowed", 403,
     "This API key may not be used from your address.", "the key is bound to other networks"},
    {BadSignature, "bad_signature", 401, "The request's signature is missing, wrong or too old.",
     "the key demands signed requests"},
    {CsrfToken, "csrf", 403, "Your page is out of date. Reload it and try again.",
     "the X-CSRF-Token of a state change is missing or not this session's"},
    {CrossSite, "cross_site", 403, "This request comes from another site.",
     "Origin or Sec-Fetch-Site says that another site sent a state change"},
    {StepUpRequired, "step_up_required", 403, "Confirm that it is you to continue.",
     "a sensitive action needs a fresh second factor"},
    {ConfirmRequired, "confirm_required", 409, "Confirm what this will do.",
     "the action would hit the caller, or many clients at once"},
    {Refusal::NotFound, "not_found", 404, "Not found", "no route has this path"},
    {MethodNotAllowed, "method_not_allowed", 405,
     "The method is not allowed for the requested URL.", "the path exists for other methods"},
    {MalformedBody, "malformed_body", 400,
     "The browser (or proxy) sent a request that this server could not understand.",
     "the body is not a JSON object"},
    {MalformedRequest, "malformed_request", 400, "Bad request",
     "the request breaks HTTP/1.1 or a limit on its head"},
    {BodyTooLarge, "body_too_large", 413, "The request is too large.",
     "the body is over the route's bound"},
    {UnsupportedUpload, "unsupported_upload", 415, "Upload a CSV file as text/csv.",
     "file name, declared type and content do not agree on CSV"},
    {CorsOrigin, "cors_origin", 403, "This origin may not call the gateway.",
     "a preflight from an origin that is not configured"},
    {StorageUnavailable, "storage_unavailable", 503,
     "The gateway cannot reach its database. Try again shortly.",
     "who is asking could not be decided; never counted as an offence"},
};

constexpr bool in_enumeration_order() {
  std::size_t at = 0;
  for (const RefusalRow& row : kRows) {
    if (static_cast<std::size_t>(row.refusal) != at++) return false;
  }
  return at == kRefusals;
}
static_assert(in_enumeration_order());

}  // namespace

std::span<const RefusalRow> refusal_table() { return kRows; }

std::optional<Refusal> refusal_of(std::string_view token) {
  for (const RefusalRow& row : kRows) {
    if (row.token == token) return row.refusal;
  }
  return std::nullopt;
}

const RefusalRow& row_of(Refusal refusal) { return kRows[static_cast<std::size_t>(refusal)]; }

}  // namespace kavach::guard
