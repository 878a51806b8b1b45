// chart: reading and storing chart settings.

#include <utility>

#include "api/chart_preferences.h"
#include "api/resources.h"
#include "core/on_worker.h"

namespace kavach::api {
namespace {

constexpr std::size_t kChartBodyBytesMax = 2'097'152;

Task<http::Response> read_chart(Context context) {
  const auto settings = co_await on_worker<ChartSettings>(
      &context.services->workers, context.call->executor,
      [&database = context.services->database, user = context.user()] {
        return load_chart_settings(database, user);
      });
  if (!settings) co_return failure_reply(settings.error());
  ReplyWriter out;
  JsonWriter& json = out.json();
  json.object().key("data").object();
  for (const auto& [name, content] : *settings) json.field(name, content);
  json.end().field("status", "success").end();
  co_return out.reply();
}

Task<http::Response> write_chart(Context context) {
  auto settings = chart_settings_of(context.call->json_body());
  if (!settings) co_return failure_reply(settings.error());
  const auto stored = co_await resume_on<Result<void>>(*context.call->executor, [&](auto complete) {
    store_chart_settings(context.services->database, context.user(), std::move(*settings),
                         std::move(complete));
  });
  if (!stored) co_return failure_reply(stored.error());
  ReplyWriter out{96};
  out.json().object().field("message", "Preferences updated successfully").field("status", "success").end();
  co_return out.reply();
}

http::Response missing_key(const guard::Call& call) {
  if (call.request.method == http::Method::Get) return error_reply(400, "Missing apikey parameter");
  FieldErrors errors;
  errors.add("apikey", kMissing);
  return schema_refusal(ErrorFamily::Object, {}, errors, Mode::Live);
}

guard::Route chart_row(ApiServices& services, http::Method method,
                       Task<http::Response> (*answer)(Context)) {
  const bool reads = method == http::Method::Get;
  return {.method = method,
          .path = "/api/v1/chart",
          .policy = {.access = reads ? guard::Access::ReadKey : guard::Access::TradeKey,
                     .rate = guard::RateClass::Api,
                     .body = reads ? guard::BodyKind::None : guard::BodyKind::Json,
                     .body_bytes_max = reads ? kBodyBytesMax : kChartBodyBytesMax,
                     .changes_state = !reads,
                     .csrf = guard::Csrf::NotApplicable,
                     .priority = guard::Priority::Deferrable},
          .handle = [&services, answer](guard::Call& call) {
            return answer(context_of(call, services));
          },
          .shape = {.missing_key = missing_key, .invalid_key = [](const guard::Call&) {
                      return error_reply(403, kInvalidKey);
                    }}};
}

}  // namespace

void add_chart_routes(RouteBook& book) {
  ApiServices& services = book.services();
  book.plain(chart_row(services, http::Method::Get, read_chart), "The caller's chart settings.");
  book.plain(chart_row(services, http::Method::Post, write_chart),
             "Stores chart settings: every field but the key.");
}

}  // namespace kavach::api
