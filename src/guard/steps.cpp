#include "guard/steps.h"

#include "core/text.h"
#include "guard/authentication.h"
#include "guard/request_cost.h"

namespace kavach::guard {
namespace {

Refused answered(Refusal refusal, http::Response response) {
  return {row_of(refusal).token, std::move(response)};
}

Refused unrouted(Refused refused) {
  refused.is_unrouted = true;
  return refused;
}

Refused rate_refusal(Refusal refusal, const RateDecision& decision, std::string_view path) {
  Refused refused = is_api_path(path) ? answered(refusal, api_rate_refusal(decision)) : refuse(refusal);
  add_rate_headers(decision, refused.response);
  return refused;
}

// A defence in shadow counts what it would have refused and lets it pass.
std::optional<Refused> enforced(Defences& defences, Defence defence, Refusal refusal, Refused refused) {
  if (!defences.settings.read()->in_shadow(defence)) return refused;
  defences.counters.count_shadow(refusal);
  return std::nullopt;
}

Priority priority_of(const Passage& passage) {
  return passage.match.route == nullptr ? Priority::Deferrable : passage.match.route->policy.priority;
}

Refused overloaded() {
  return refuse(Refusal::Overloaded, {{"Retry-After", std::to_string(LoadShedder::retry_after().count())}});
}

http::Response not_found(const http::RequestHead& head) {
  if (!is_api_path(head.path)) return error_reply(404, "Not found");
  std::string body;
  JsonWriter{body}.object().field("status", "error").field("message", "Not found").field("path", head.path).end();
  return http::Response::json(404, std::move(body));
}

}  // namespace

std::optional<Refused> AddressStep::judge(const http::RequestHead& head, Passage& passage) {
  const ClientAddress client = defences_.resolver.resolve(head);
  passage.client = client.address;
  passage.secure = client.secure;
  if (client.unknown_proxy) defences_.note_unknown_proxy(head.peer);
  if (client.ambiguous) return unrouted(refuse(Refusal::AmbiguousClientAddress));
  return std::nullopt;
}

std::optional<Refused> BanStep::judge(const http::RequestHead&, Passage& passage) {
  if (!defences_.bans.is_banned(passage.client)) return std::nullopt;
  auto reply = http::Response::text(403, std::string{row_of(Refusal::Banned).text});
  reply.content_type = "text/plain";
  reply.withholds_place = true;
  return enforced(defences_, Defence::BanList, Refusal::Banned, answered(Refusal::Banned, std::move(reply)));
}

std::optional<Refused> HostStep::judge(const http::RequestHead& head, Passage&) {
  if (check_.allows(head.header("Host"))) return std::nullopt;
  return enforced(defences_, Defence::HostCheck, Refusal::MisdirectedHost,
                  unrouted(refuse(Refusal::MisdirectedHost)));
}

bool OverloadedStep::admits(const IpAddress& peer) {
  if (defences_.shedder.admit_connection(defences_.standing_of(peer))) return true;
  if (!defences_.settings.read()->in_shadow(Defence::LoadShedding)) return false;
  defences_.counters.count_shadow(Refusal::Overloaded);
  return true;
}

std::optional<Refused> SheddingStep::judge(const http::RequestHead& head, Passage& passage) {
  Standing standing = defences_.standing_of(passage.client);
  const bool claims = !head.header("Cookie").empty() || !head.header("X-API-KEY").empty() || is_api_path(head.path);
  if (standing == Standing::Stranger && claims) standing = Standing::Claims;
  passage.standing = standing;
  if (defences_.shedder.admits(priority_of(passage), standing)) return std::nullopt;
  Refused refused = overloaded();
  refused.response.withholds_place = standing != Standing::Known;
  return enforced(defences_, Defence::LoadShedding, Refusal::Overloaded, std::move(refused));
}

std::optional<Refused> PlaceStep::judge(const http::RequestHead&, Passage& passage) {
  passage.slot = defences_.shedder.enter(priority_of(passage), passage.standing);
  if (passage.slot) return std::nullopt;
  return enforced(defences_, Defence::LoadShedding, Refusal::Overloaded, overloaded());
}

std::optional<Refused> RouteStep::judge(const http::RequestHead& head, Passage& passage) {
  if (auto preflight = cors_.preflight(head)) {
    const bool allowed = preflight->status == 204;
    return Refused{allowed ? std::string_view{} : row_of(Refusal::CorsOrigin).token, std::move(*preflight), !allowed};
  }
  const bool on_websocket_port = websocket_port_ != 0 && head.local_port == websocket_port_;
  Routing routing = router_.find(head.method, on_websocket_port ? "/ws" : std::string_view{head.path});
  if (auto* match = std::get_if<RouteMatch>(&routing)) {
    passage.match = std::move(*match);
    return std::nullopt;
  }
  if (const auto* wrong = std::get_if<WrongMethod>(&routing)) {
    auto reply = error_reply(405, "The method is not allowed for the requested URL.", is_api_path(head.path));
    return unrouted(answered(Refusal::MethodNotAllowed, std::move(reply.with("Allow", wrong->allow))));
  }
  if (auto* redirect = std::get_if<RedirectTo>(&routing)) {
    std::string location = redirect->path + (head.query.empty() ? "" : "?" + head.query);
    return Refused{{}, std::move(error_reply(308, "Moved.").with("Location", std::move(location))), true};
  }
  return unrouted(answered(Refusal::NotFound, not_found(head)));
}

std::optional<Refused> UnroutedRateStep::judge(const IpAddress& client, std::string_view path) {
  const Rates& rate = defences_.settings.read()->rates.of(RateClass::Unrouted);
  const RateDecision decision = defences_.limiter.by_address(RateClass::Unrouted, client, rate);
  if (decision.allowed) return std::nullopt;
  Refused refused = rate_refusal(Refusal::AddressRateLimited, decision, path);
  refused.response.withholds_place = true;
  return enforced(defences_, Defence::RateLimits, Refusal::AddressRateLimited, std::move(refused));
}

std::optional<Refused> RateStep::judge(Call& call, const Route& route) {
  const auto values = defences_.settings.read();
  const Rates& rate = values->rates.of(route.policy.rate);
  const bool anonymous = call.principal.is_anonymous();
  if (!anonymous) defences_.known_clients.note(call.client, defences_.now());
  const bool orders = route.policy.rate == RateClass::Order || route.policy.rate == RateClass::SmartOrder;
  const std::uint32_t cost = orders && call.body ? order_cost(call.json_body()) : 1;
  const RateDecision decision = anonymous
                                    ? defences_.limiter.by_address(route.policy.rate, call.client, rate)
                                    : defences_.limiter.by_principal(route.policy.rate, call.principal, rate, cost);
  if (decision.allowed) {
    http::Response carrier;
    add_rate_headers(decision, carrier);
    call.reply_headers = std::move(carrier.headers);
    return std::nullopt;
  }
  const Refusal refusal = anonymous ? Refusal::AddressRateLimited : Refusal::RateLimited;
  return enforced(defences_, Defence::RateLimits, refusal, rate_refusal(refusal, decision, call.request.path));
}

std::optional<Refused> AuthoriseStep::judge(Call& call, const Route& route) {
  const identity::Principal& who = call.principal;
  switch (route.policy.access) {
    case Access::Public: return std::nullopt;
    case Access::Session: break;
    case Access::OwnerSession:
      if (who.role != identity::Role::Owner) return refuse(Refusal::OwnerOnly);
      break;
    case Access::ReadKey:
      if (!who.scopes.read) return refuse(Refusal::OutOfScope);
      break;
    case Access::SquareOffKey:
      if (!who.scopes.square_off) return refuse(Refusal::OutOfScope);
      break;
    case Access::TradeKey:
      if (!who.scopes.trade) return refuse(Refusal::OutOfScope);
      break;
  }
  // A viewer's session reads; whatever counts as an order needs the right to trade.
  const bool is_order = route.policy.rate == RateClass::Order || route.policy.rate == RateClass::SmartOrder;
  if (is_for_sessions(route.policy.access) && is_order && !who.scopes.trade) {
    return refuse(Refusal::OutOfScope);
  }
  return std::nullopt;
}

std::optional<Refused> CsrfStep::judge(Call& call, const Route& route) {
  if (route.policy.csrf != Csrf::Required || !is_for_sessions(route.policy.access)) return std::nullopt;
  const CsrfCheck check{[&](std::string_view, std::string_view token) {
    return !call.csrf_token.empty() && equal_in_constant_time(call.csrf_token, token);
  }};
  switch (check.judge(call.request, call.secure, call.principal.credential_id)) {
    case CsrfVerdict::Allowed: return std::nullopt;
    case CsrfVerdict::BadToken:
      return enforced(defences_, Defence::Csrf, Refusal::CsrfToken, refuse(Refusal::CsrfToken));
    case CsrfVerdict::CrossSite:
      return enforced(defences_, Defence::Csrf, Refusal::CrossSite, refuse(Refusal::CrossSite));
  }
  return refuse(Refusal::CsrfToken);
}

void HeaderStep::finish(const http::RequestHead& head, const Passage& passage, http::Response& response) {
  headers_.decorate(passage.secure, response);
  cors_.decorate(head, response);
}

}  // namespace kavach::guard
