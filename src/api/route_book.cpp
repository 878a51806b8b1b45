#include "api/route_book.h"

namespace kavach::api {

json::object RouteBook::body_of_post(const guard::Call& call, const SchemaShape&) {
  return call.body && call.body->is_object() ? call.json_body() : json::object{};
}

json::object RouteBook::body_of_query(const guard::Call& call, const SchemaShape& shape) {
  json::object body;
  for (const FieldDescription& field : shape.fields()) {
    if (call.request.has_query(field.name)) {
      body[field.name] = call.request.query_value(field.name);
    } else if (field.required) {
      body[field.name] = nullptr;  // the contract words an absent parameter as a null field
    }
  }
  return body;
}

guard::Route RouteBook::row(http::Method method, const EndpointTerms& terms) const {
  guard::Route route{
      .method = method,
      .path = std::string{terms.path},
      .policy = {.access = terms.access,
                 .rate = terms.rate,
                 .body = method == http::Method::Get ? guard::BodyKind::None : guard::BodyKind::Json,
                 .body_bytes_max = terms.body_bytes_max,
                 .changes_state = terms.changes_state,
                 .csrf = guard::Csrf::NotApplicable,
                 .priority = terms.priority},
      .handle = {}};
  if (terms.invalid_key != nullptr) {
    route.shape.invalid_key = terms.invalid_key;
  } else {
    route.shape.invalid_key = [](const guard::Call&) { return error_reply(403, kInvalidKey); };
  }
  return route;
}

void RouteBook::plain(guard::Route route, std::string_view summary,
                      std::vector<FieldDescription> fields) {
  descriptions_.push_back({route.method, route.path, std::string{summary}, route.policy.access, std::move(fields)});
  routes_.push_back(std::move(route));
}

}  // namespace kavach::api
