#include "api/routes.h"

#include <utility>

#include "api/openapi.h"
#include "api/resources.h"

namespace kavach::api {
namespace {

guard::Route public_row(std::string path, std::string body) {
  return {.method = http::Method::Get,
          .path = std::move(path),
          .policy = {.access = guard::Access::Public,
                     .rate = guard::RateClass::Default,
                     .body = guard::BodyKind::None,
                     .body_bytes_max = kBodyBytesMax,
                     .changes_state = false,
                     .csrf = guard::Csrf::NotApplicable,
                     .priority = guard::Priority::Deferrable},
          .handle = [body = std::move(body)](guard::Call&) {
            return ready(http::Response::json(200, body));
          },
          .shape = {}};
}

bool is_local(std::string_view origin) {
  const auto at = origin.find("://");
  std::string_view host = at == std::string_view::npos ? origin : origin.substr(at + 3);
  if (host.starts_with("[::1]")) return true;
  host = host.substr(0, host.find_first_of(":/"));
  return host == "localhost" || host == "127.0.0.1" || host == "0.0.0.0";
}

std::string host_body(const std::string& origin) {
  std::string body;
  JsonWriter json{body};
  json.object().field("host_server", origin).field("is_localhost", is_local(origin)).end();
  return body;
}

}  // namespace

guard::Routes api_routes(ApiServices& services) {
  RouteBook book{services};
  add_order_routes(book);
  add_close_position_route(book);
  add_batch_order_routes(book);
  add_book_routes(book);
  add_quote_routes(book);
  add_candle_routes(book);
  add_instrument_routes(book);
  add_mode_routes(book);
  add_chart_routes(book);
  add_calendar_routes(book);
  add_option_routes(book);
  add_greeks_routes(book);
  add_option_order_routes(book);
  add_margin_route(book);
  book.plain(public_row("/api/config/host", host_body(services.public_origin)),
             "Where this gateway is reached.");
  std::string document = openapi_document(book.descriptions(), services.public_origin);
  guard::Routes routes = book.take();
  routes.push_back(public_row("/api/v1/openapi.json", std::move(document)));
  return routes;
}

}  // namespace kavach::api
