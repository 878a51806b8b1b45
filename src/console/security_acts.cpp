// What the /security page does: ban, unban, forgive, change thresholds, allow.

#include <algorithm>

#include "console/reply.h"
#include "console/security_handlers.h"
#include "core/on_worker.h"
#include "core/text.h"
#include "guard/host_check.h"

namespace kavach::console {
namespace {

using guard::BanJudgement;

constexpr std::int64_t kHoursDefault = 24;

/// A member that must be a text when it is there.
Result<std::string> text_member(const json::object& body, std::string_view name) {
  const json::value* found = body.if_contains(name);
  if (found == nullptr || found->is_null()) return std::string{};
  if (!found->is_string()) return fail(ErrorCode::InvalidInput, std::string{name} + " must be a text.");
  return std::string{std::string_view{found->get_string()}};
}

Result<bool> flag_member(const json::object& body, std::string_view name) {
  const json::value* found = body.if_contains(name);
  if (found == nullptr || found->is_null()) return false;
  if (!found->is_bool()) return fail(ErrorCode::InvalidInput, std::string{name} + " must be true or false.");
  return found->get_bool();
}

Result<guard::BanTerm> term_member(const json::object& body) {
  const auto permanent = flag_member(body, "permanent");
  if (!permanent) return pass_on(permanent);
  if (*permanent) return guard::Permanent{};
  const json::value* hours = body.if_contains("duration_hours");
  if (hours != nullptr && !hours->is_int64()) {
    return fail(ErrorCode::InvalidInput, "duration_hours must be a whole number of hours.");
  }
  const std::int64_t count = hours == nullptr ? kHoursDefault : hours->get_int64();
  if (count < 1 || count > guard::kBanMax / std::chrono::hours{1}) {
    return fail(ErrorCode::InvalidInput, "A ban lasts between one hour and ten years, or is permanent.");
  }
  return std::chrono::seconds{std::chrono::hours{count}};
}

/// Everything a ban's body says but whom it is for.
struct BanWish {
  std::string reason;
  guard::BanTerm term;
  bool confirmed{false};
};
Result<BanWish> wish_of(const json::object& body) {
  auto reason = text_member(body, "reason");
  if (!reason) return pass_on(std::move(reason));
  auto term = term_member(body);
  if (!term) return pass_on(std::move(term));
  const auto confirmed = flag_member(body, "confirm");
  if (!confirmed) return pass_on(confirmed);
  return BanWish{reason->empty() ? "manual" : *std::move(reason), *term, *confirmed};
}

guard::BanRequest request_for(const Cidr& network, const BanWish& wish, const guard::Call& call) {
  return {network, guard::BanKind::Manual, wish.reason, wish.term, call.principal.username, call.request.request_id};
}

http::Response reason_reply(int status, std::string_view message, std::string_view reason) {
  std::string body;
  JsonWriter json{body};
  json.object().field("status", "error").field("message", message);
  json.key("data").object().field("reason", reason).field("consequence", message).end().end();
  auto response = http::Response::json(status, std::move(body));
  response.refusal = reason;
  return response;
}

http::Response confirm_reply(const BanJudgement& judgement) {
  return reason_reply(409, judgement.consequence, guard::row_of(guard::Refusal::ConfirmRequired).token);
}

Result<Cidr> address_member(const json::object& body) {
  auto text = text_member(body, "ip_address");
  if (!text) return pass_on(std::move(text));
  return guard::parse_ban_network(*text);
}

/// Bans one after the other; the first failure ends it.
Result<guard::Ban> ban_each(guard::Bans& bans, const std::vector<guard::BanRequest>& requests) {
  Result<guard::Ban> last = fail(ErrorCode::NotFound, "There is nobody to ban.");
  for (const guard::BanRequest& request : requests) {
    last = bans.ban(request);
    if (!last) return last;
  }
  return last;
}

void announce(SecurityServices& services, std::string_view kind, const Cidr& network, std::string detail) {
  services.defences.events.add({services.clock.now(), std::string{kind}, network.text(), std::move(detail)});
}

}  // namespace

std::optional<http::Response> step_up_refusal(const guard::Call& call, const SecurityServices& services) {
  if (services.is_fresh(call)) return std::nullopt;
  return step_up_reply();
}

Task<http::Response> ban_network(guard::Call* call, SecurityServices* services) {
  const json::object& body = call->json_body();
  const auto network = address_member(body);
  if (!network) co_return failure_reply(network.error());
  const auto wish = wish_of(body);
  if (!wish) co_return failure_reply(wish.error());
  const auto judgement = services->defences.protection.judge(*network, call->client, services->clock.now());
  if (judgement.outcome == BanJudgement::Outcome::Refused) co_return bad_request(judgement.consequence);
  if (judgement.outcome == BanJudgement::Outcome::NeedsConfirmation && !wish->confirmed) {
    co_return confirm_reply(judgement);
  }
  const auto made = co_await on_worker<guard::Ban>(
      &services->workers, call->executor,
      [services, request = request_for(*network, *wish, *call)] { return services->defences.bans.ban(request); });
  if (!made) co_return failure_reply(made.error());
  services->defences.tracker.forget(made->network);
  announce(*services, "ban.created", made->network, "by " + call->principal.username);
  co_return done_reply(made->network.text() + " is banned.");
}

Task<http::Response> ban_host(guard::Call* call, SecurityServices* services) {
  const json::object& body = call->json_body();
  const auto host = text_member(body, "host");
  if (!host) co_return failure_reply(host.error());
  const auto wish = wish_of(body);
  if (!wish) co_return failure_reply(wish.error());
  const auto offenders = services->defences.attempts.networks_for_host(*host);
  std::vector<guard::BanRequest> requests;
  for (const Cidr& network : offenders) {
    const auto judgement = services->defences.protection.judge(network, call->client, services->clock.now());
    if (judgement.outcome == BanJudgement::Outcome::Refused) continue;
    if (judgement.outcome == BanJudgement::Outcome::NeedsConfirmation && !wish->confirmed) {
      co_return confirm_reply(judgement);
    }
    requests.push_back(request_for(network, *wish, *call));
  }
  if (requests.empty()) {
    co_return failure_reply({ErrorCode::NotFound, "Nobody who may be banned has offended through that host name.", {}});
  }
  const auto made = co_await on_worker<guard::Ban>(
      &services->workers, call->executor, [services, requests] { return ban_each(services->defences.bans, requests); });
  if (!made) co_return failure_reply(made.error());
  for (const guard::BanRequest& request : requests) services->defences.tracker.forget(request.network);
  announce(*services, "ban.created", made->network, "host " + guard::presentable(*host));
  co_return done_reply(std::to_string(requests.size()) + " banned.");
}

Task<http::Response> unban_network(guard::Call* call, SecurityServices* services) {
  if (auto refusal = step_up_refusal(*call, *services)) co_return *std::move(refusal);
  const auto text = text_member(call->json_body(), "ip_address");
  if (!text) co_return failure_reply(text.error());
  const auto network = Cidr::parse(trim(*text));
  if (!network) co_return bad_request("ip_address must be an address or a network.");
  const auto lifted = co_await on_worker<Cidr>(
      &services->workers, call->executor,
      [services, network = *network, actor = call->principal.username, request_id = call->request.request_id] {
        return services->defences.bans.unban(network, actor, request_id);
      });
  if (!lifted) co_return failure_reply(lifted.error());
  services->defences.tracker.forget(*lifted);
  announce(*services, "ban.removed", *lifted, "by " + call->principal.username);
  co_return done_reply(lifted->text() + " is no longer banned.");
}

Task<http::Response> forget_not_found(guard::Call* call, SecurityServices* services) {
  const auto network = address_member(call->json_body());
  if (!network) co_return failure_reply(network.error());
  services->defences.tracker.forget(*network, guard::OffenceKind::NotFound);
  services->defences.attempts.forget(*network, guard::AttemptKind::Path);
  services->audit.record({"offences.forgotten", call->principal.username, network->text(), call->request.request_id, {}});
  co_return done_reply("Forgotten.");
}

Task<http::Response> change_settings(guard::Call* call, SecurityServices* services) {
  if (auto refusal = step_up_refusal(*call, *services)) co_return *std::move(refusal);
  // Judged here first, so that a typing mistake costs no transaction.
  const auto possible = guard::with_changes(*services->defences.settings.read(), call->json_body());
  if (!possible) co_return failure_reply(possible.error());
  const auto changed = co_await on_worker<void>(
      &services->workers, call->executor,
      [services, changes = call->json_body(), actor = call->principal.username, address = call->client.text(),
       request_id = call->request.request_id]() -> Result<void> {
        auto& settings = services->defences.settings;
        auto stored = services->database.write_and_wait([&](store::Transaction& transaction) {
          return settings.change(transaction, services->audit, changes, actor, address, request_id);
        });
        if (!stored) return stored;
        return services->database.read([&](store::Reader& reader) { return settings.load(reader); });
      });
  if (!changed) co_return failure_reply(changed.error());
  DataReply out{2'048};
  guard::write_settings(out.json(), *services->defences.settings.read());
  co_return out.reply();
}

Result<void> allow_all(SecurityServices& services, const std::vector<guard::AllowedNetwork>& entries,
                       const std::string& request_id) {
  guard::AllowList& list = services.defences.allow_list;
  auto stored = services.database.write_and_wait([&](store::Transaction& transaction) -> Result<void> {
    for (const guard::AllowedNetwork& entry : entries) {
      if (auto added = list.add(transaction, services.audit, entry, request_id); !added) return added;
    }
    return {};
  });
  if (!stored) return stored;
  return services.database.read([&](store::Reader& reader) { return list.load(reader); });
}

Task<http::Response> allow_network(guard::Call* call, SecurityServices* services) {
  if (auto refusal = step_up_refusal(*call, *services)) co_return *std::move(refusal);
  const auto text = text_member(call->json_body(), "network");
  if (!text) co_return failure_reply(text.error());
  const auto note = text_member(call->json_body(), "note");
  if (!note) co_return failure_reply(note.error());
  const auto network = guard::parse_allowed_network(*text);
  if (!network) co_return failure_reply(network.error());
  const guard::AllowedNetwork entry{*network, *note, "console", call->principal.username, services->clock.now()};
  const auto added = co_await on_worker<void>(
      &services->workers, call->executor,
      [services, entry, request_id = call->request.request_id] { return allow_all(*services, {entry}, request_id); });
  if (!added) co_return failure_reply(added.error());
  co_return done_reply(network->text() + " is never banned from now on.");
}

Task<http::Response> disallow_network(guard::Call* call, SecurityServices* services) {
  if (auto refusal = step_up_refusal(*call, *services)) co_return *std::move(refusal);
  const auto network = Cidr::parse(trim(call->request.query_value("network")));
  if (!network) co_return bad_request("network must be an address or a network.");
  const auto removed = co_await on_worker<void>(
      &services->workers, call->executor,
      [services, network = *network, actor = call->principal.username,
       request_id = call->request.request_id]() -> Result<void> {
        guard::AllowList& list = services->defences.allow_list;
        auto stored = services->database.write_and_wait([&](store::Transaction& transaction) {
          return list.remove(transaction, services->audit, network, actor, request_id);
        });
        if (!stored) return stored;
        return services->database.read([&](store::Reader& reader) { return list.load(reader); });
      });
  if (!removed) co_return failure_reply(removed.error());
  co_return done_reply(network->text() + " is no longer on the allow list.");
}

}  // namespace kavach::console
