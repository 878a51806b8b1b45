#include "guard/pipeline.h"

#include <exception>

#include "guard/authentication.h"

namespace kavach::guard {
namespace {

Passage& passage_of(const http::RequestHead& head) {
  return static_cast<Passage&>(*head.admission);
}

// A default for a route that is unknown: nothing is read that could not be needed.
constexpr std::size_t kBodyBytesUnrouted = 0;

}  // namespace

Pipeline::Pipeline(PipelineParts parts, Credentials& credentials, RequestObserver& observer,
                   const Clock& clock, Logger& log)
    : parts_{std::move(parts)}, credentials_{credentials}, observer_{observer}, clock_{clock}, log_{log} {}

// A ban is not among these steps: a banned client is owed its 403, which costs it a request head, and the
// server bounds how many connections an address may hold.
bool Pipeline::admit_connection(const IpAddress& peer) {
  for (const auto& step : parts_.connection_steps) {
    if (step->admits(peer)) continue;
    observer_.turned_away(peer);
    return false;
  }
  return true;
}

void Pipeline::observe_waiting(std::size_t loop, Monotonic delay) { observer_.waited(loop, delay); }

void Pipeline::turned_away(const IpAddress& peer) { observer_.turned_away(peer); }

Refused Pipeline::limited(Refused refused, const Passage& passage, std::string_view path) {
  for (const auto& step : parts_.unrouted_steps) {
    if (auto instead = step->judge(passage.client, path)) return std::move(*instead);
  }
  return refused;
}

std::optional<http::Response> Pipeline::admit(http::RequestHead& head) {
  const auto passage = std::make_shared<Passage>();
  passage->client = head.peer;
  passage->admitted_at = clock_.monotonic();
  head.admission = passage;
  for (const auto& step : parts_.head_steps) {
    if (auto refused = step->judge(head, *passage)) {
      if (refused->is_unrouted) refused = limited(std::move(*refused), *passage, head.path);
      finish(head, *passage, refused->response);
      const Monotonic now = clock_.monotonic();
      record(head, *passage, {passage->admitted_at, now}, refused->token, refused->response.status);
      return std::move(refused->response);
    }
  }
  return std::nullopt;
}

std::size_t Pipeline::body_bytes_max(const http::RequestHead& head) {
  const Route* route = head.admission ? passage_of(head).match.route : nullptr;
  return route == nullptr ? kBodyBytesUnrouted : route->policy.body_bytes_max;
}

Task<std::optional<Refused>> Pipeline::guard_call(Call& call, const Route& route) {
  auto refused = parse_body(call, route);
  if (!refused) refused = co_await authenticate(call, route, credentials_);
  // The rate step comes before the refusal: an anonymous flood of wrong keys or broken bodies is counted
  // by address.
  for (const auto& step : parts_.call_steps) {
    if (auto stopped = step->judge(call, route)) co_return stopped;
    if (refused) co_return refused;
  }
  co_return refused;
}

std::optional<Refused> Pipeline::enter(const http::RequestHead& head, Passage& passage) {
  for (const auto& step : parts_.entry_steps) {
    if (auto refused = step->judge(head, passage)) return refused;
  }
  return std::nullopt;
}

Task<http::Response> Pipeline::run(Call& call, Passage& passage, Refused& refusal, Timing& timing) {
  const Route& route = *passage.match.route;
  try {
    auto refused = enter(call.request, passage);
    if (!refused) refused = co_await guard_call(call, route);
    timing.guarded = clock_.monotonic();
    if (refused) {
      refusal.token = refused->token;
      co_return std::move(refused->response);
    }
    co_return co_await route.handle(call);
  } catch (const std::exception& failure) {
    // The one catch for bugs: the client learns a request id and nothing else.
    log_.error("request.failed", {{"request_id", call.request.request_id},
                                  {"route", route.path},
                                  {"detail", failure.what()}});
  }
  if (timing.guarded == Monotonic{}) timing.guarded = clock_.monotonic();
  refusal.token = "internal";
  co_return error_reply(500, "An unexpected error occurred. Give your operator this request id: " +
                                 call.request.request_id);
}

Task<http::Response> Pipeline::handle(http::Request request, Executor& executor) {
  const auto admission = request.admission;
  Passage& passage = static_cast<Passage&>(*admission);
  Call call;
  call.request = std::move(request);
  call.client = passage.client;
  call.secure = passage.secure;
  call.path_values = std::move(passage.match.values);
  call.executor = &executor;
  Timing timing{clock_.monotonic(), {}};
  Refused refusal;
  http::Response response = co_await run(call, passage, refusal, timing);
  response.to_known_caller = !call.principal.is_anonymous();
  if (refusal.token.empty()) refusal.token = response.refusal;
  for (http::Header& header : call.reply_headers) response.headers.push_back(std::move(header));
  finish(call.request, passage, response);
  record(call.request, passage, timing, refusal.token, response.status, &call);
  co_return response;
}

void Pipeline::refused(const IpAddress& peer, std::string_view reason, http::Response& refusal) {
  http::RequestHead head;
  head.peer = peer;
  Passage passage;
  passage.client = peer;
  passage.admitted_at = clock_.monotonic();
  const Refused answer = limited({reason, std::move(refusal)}, passage, {});
  refusal = answer.response;
  finish(head, passage, refusal);
  record(head, passage, {passage.admitted_at, passage.admitted_at}, answer.token, refusal.status);
}

void Pipeline::finish(const http::RequestHead& head, const Passage& passage, http::Response& response) {
  for (const auto& step : parts_.reply_steps) step->finish(head, passage, response);
}

void Pipeline::record(const http::RequestHead& head, const Passage& passage, const Timing& timing,
                      std::string_view token, int status, const Call* call) {
  const Monotonic now = clock_.monotonic();
  RequestRecord record;
  record.client = passage.client;
  // By the list of methods: what a client wrote in its place is kept nowhere.
  record.method = head.method_text.empty() ? std::string_view{} : name_of(head.method);
  record.route = passage.match.route == nullptr ? "-" : std::string_view{passage.match.route->path};
  record.path = head.path;
  record.host = head.header("Host");
  record.user_agent = head.header("User-Agent");
  record.request_id = head.request_id;
  record.refusal = token;
  record.status = status;
  const auto received = head.received_at == Monotonic{} ? timing.started : head.received_at;
  const auto guarded = timing.guarded == Monotonic{} ? now : timing.guarded;
  record.queue = timing.started - received;
  record.guard = guarded - timing.started;
  record.handler = now - guarded;
  if (call != nullptr) {
    record.username = call->principal.username;
    record.attempted_key = call->attempted_key;
    record.key_id = call->refused_key;
    if (call->principal.credential == identity::Credential::ApiKey) record.key_id = call->principal.credential_id;
    record.orders = call->orders;
  }
  record.handled_at = guarded;
  record.answered_at = now;
  observer_.answered(record);
}

}  // namespace kavach::guard
