#pragma once

// Where the REST resources put their rows. An endpoint is its terms (policy, error family), its
// request schema and a handler over the decoded body; the book makes the guard's route of it, with the
// refusals in the endpoint's own shape, and remembers the schema for the published description.
// Used once, at start-up.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/context.h"
#include "api/replies.h"
#include "api/request_schema.h"
#include "guard/route.h"

namespace kavach::api {

inline constexpr std::size_t kBodyBytesMax = 65'536;
inline constexpr std::string_view kInvalidKey = "Invalid openalgo apikey";

struct EndpointTerms {
  std::string_view path;     ///< `/api/v1/quotes`
  std::string_view summary;  ///< one sentence for the published description
  guard::Access access{guard::Access::ReadKey};
  guard::RateClass rate{guard::RateClass::Api};
  guard::Priority priority{guard::Priority::Normal};
  bool changes_state{false};
  ErrorFamily family{ErrorFamily::Object};
  std::string_view headline{"Validation error"};
  bool mode_in_errors{false};  ///< schema refusals carry `mode` in analyze mode
  std::size_t body_bytes_max{kBodyBytesMax};
  /// The reply to a wrong key where it is not 403 with the usual text.
  http::Response (*invalid_key)(const guard::Call&){nullptr};
};

struct EndpointDescription {
  http::Method method;
  std::string path;
  std::string summary;
  guard::Access access;
  std::vector<FieldDescription> fields;
};

template <class Body>
using HandleLater = Task<http::Response> (*)(Context, Body);
template <class Body>
using HandleNow = http::Response (*)(const Context&, const Body&);

class RouteBook {
 public:
  explicit RouteBook(ApiServices& services) : services_{services} {}

  /// `schema` is a static table.
  template <class Body>
  void post(const EndpointTerms& terms, const RequestSchema<Body>& schema, HandleLater<Body> answer) {
    add(http::Method::Post, terms, schema, body_of_post, [answer](Context context, Body body) {
      return answer(context, std::move(body));
    });
  }
  template <class Body>
  void post(const EndpointTerms& terms, const RequestSchema<Body>& schema, HandleNow<Body> answer) {
    add(http::Method::Post, terms, schema, body_of_post, [answer](Context context, Body body) {
      return ready(answer(context, body));
    });
  }
  /// The fields come in the query; parameters the schema does not name are ignored. The key may come
  /// in the query too, because the clients of these endpoints cannot do otherwise.
  template <class Body>
  void get(const EndpointTerms& terms, const RequestSchema<Body>& schema, HandleLater<Body> answer) {
    add(http::Method::Get, terms, schema, body_of_query, [answer](Context context, Body body) {
      return answer(context, std::move(body));
    });
  }
  /// A row that decodes nothing or does so itself.
  void plain(guard::Route route, std::string_view summary, std::vector<FieldDescription> fields = {});

  [[nodiscard]] ApiServices& services() { return services_; }
  [[nodiscard]] const std::vector<EndpointDescription>& descriptions() const { return descriptions_; }
  [[nodiscard]] guard::Routes take() { return std::move(routes_); }

 private:
  using BodyOf = json::object (*)(const guard::Call&, const SchemaShape&);
  static json::object body_of_post(const guard::Call& call, const SchemaShape& shape);
  static json::object body_of_query(const guard::Call& call, const SchemaShape& shape);
  [[nodiscard]] guard::Route row(http::Method method, const EndpointTerms& terms) const;

  template <class Body, class Run>
  void add(http::Method method, const EndpointTerms& terms, const RequestSchema<Body>& schema,
           BodyOf body_of, Run run);

  ApiServices& services_;
  guard::Routes routes_;
  std::vector<EndpointDescription> descriptions_;
};

/// The context of a call that the pipeline has let through.
[[nodiscard]] inline Context context_of(guard::Call& call, ApiServices& services) {
  return {&call, &services, services.modes.is_analyze(call.principal.user)};
}

template <class Body, class Run>
void RouteBook::add(http::Method method, const EndpointTerms& terms,
                    const RequestSchema<Body>& schema, BodyOf body_of, Run run) {
  guard::Route route = row(method, terms);
  route.handle = [&services = services_, terms, &schema, body_of, run](guard::Call& call) {
    const Context context = context_of(call, services);
    auto decoded = body_of == body_of_post
                       ? schema.decode(call.json_body(), KeyCheck::Done)
                       : schema.decode(body_of(call, schema), KeyCheck::Done);
    if (decoded) return run(context, std::move(*decoded));
    const Mode mode = terms.mode_in_errors ? mode_of(context) : Mode::Live;
    return ready(schema_refusal(terms.family, terms.headline, decoded.error(), mode));
  };
  route.shape.missing_key = [terms, &schema, body_of](const guard::Call& call) {
    auto decoded = schema.decode(body_of(call, schema), KeyCheck::Required);
    FieldErrors errors;
    if (decoded) {
      errors.add("apikey", kMissing);  // a key the schema accepts and the pipeline cannot use
    } else {
      errors = std::move(decoded).error();
    }
    return schema_refusal(terms.family, terms.headline, errors, Mode::Live);
  };
  descriptions_.push_back({method, route.path, std::string{terms.summary}, terms.access, schema.fields()});
  routes_.push_back(std::move(route));
}

}  // namespace kavach::api
