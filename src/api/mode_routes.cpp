// analyzer, analyzer/toggle and ping.

#include <utility>

#include "api/order_calls.h"
#include "api/resources.h"
#include "api/symbol_body.h"

namespace kavach::api {
namespace {

// How many orders the simulator has seen from this user: what the contract calls its log.
Task<Result<std::size_t>> analyzer_log_count(Context context) {
  context.analyze = true;
  std::size_t count = 0;
  const auto read = co_await read_books(
      context, [&count](const trading::Books& books) { count = books.orders().size(); });
  if (!read) co_return pass_on(read);
  co_return count;
}

Task<http::Response> mode_reply(Context context, bool analyze, std::string_view message) {
  const auto count = co_await analyzer_log_count(context);
  if (!count) co_return failure_reply(count.error());
  ReplyWriter out;
  JsonWriter& json = out.json();
  json.object().key("data").object().field("analyze_mode", analyze);
  if (!message.empty()) json.field("message", message);
  json.field("mode", analyze ? "analyze" : "live")
      .field("total_logs", static_cast<std::int64_t>(*count))
      .end();
  json.field("status", "success").end();
  co_return out.reply();
}

Task<http::Response> analyzer(Context context, KeyOnlyBody) {
  co_return co_await mode_reply(context, context.analyze, {});
}

struct ToggleBody {
  bool analyze{false};
};

const RequestSchema<ToggleBody>& toggle_schema() {
  static const RequestSchema<ToggleBody> kSchema = [] {
    RequestSchema<ToggleBody> schema;
    schema.boolean("mode", &ToggleBody::analyze, Presence::Required);
    return schema;
  }();
  return kSchema;
}

Task<http::Response> toggle(Context context, ToggleBody body) {
  const auto stored = co_await resume_on<Result<void>>(*context.call->executor, [&](auto complete) {
    context.services->modes.set(context.actor(), context.user(), body.analyze, std::move(complete));
  });
  if (!stored) co_return failure_reply(stored.error());
  co_return co_await mode_reply(context, body.analyze,
                                body.analyze ? "Analyzer mode switched to analyze"
                                             : "Analyzer mode switched to live");
}

http::Response ping(const Context& context, const KeyOnlyBody&) {
  ReplyWriter out{96};
  out.json().object().key("data").object();
  out.json().field("broker", context.services->broker_name).field("message", "pong").end();
  out.json().field("status", "success").end();
  return out.reply();
}

}  // namespace

void add_mode_routes(RouteBook& book) {
  book.post({.path = "/api/v1/analyzer",
             .summary = "Whether orders are simulated.",
             .family = ErrorFamily::Literal},
            key_only_schema(), analyzer);
  book.post({.path = "/api/v1/analyzer/toggle",
             .summary = "Sets live or analyze mode.",
             .access = guard::Access::TradeKey,
             .changes_state = true,
             .family = ErrorFamily::Literal},
            toggle_schema(), toggle);
  book.post({.path = "/api/v1/ping", .summary = "Tests key and connection."}, key_only_schema(), ping);
}

}  // namespace kavach::api
