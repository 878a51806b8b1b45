#include "api/openapi.h"

#include <map>

#include "core/text.h"

namespace kavach::api {
namespace {

void write_fields(JsonWriter& json, const std::vector<FieldDescription>& fields);

std::string_view type_name(FieldType type) {
  switch (type) {
    case FieldType::Text:
    case FieldType::Date: return "string";
    case FieldType::Number: return "number";
    case FieldType::Integer: return "integer";
    case FieldType::Boolean: return "boolean";
    case FieldType::List: return "array";
  }
  return "string";
}

// Numbers may also come as text that holds one, which is what most clients send.
void write_type(JsonWriter& json, const FieldDescription& field) {
  const bool textual = field.type == FieldType::Number || field.type == FieldType::Integer;
  json.key("type");
  if (!textual && !field.nullable) {
    json.value(type_name(field.type));
    return;
  }
  json.array().value(type_name(field.type));
  if (textual) json.value("string");
  if (field.nullable) json.value("null");
  json.end();
}

void write_bounds(JsonWriter& json, const FieldDescription& field) {
  switch (field.type) {
    case FieldType::Text:
      if (field.minimum && *field.minimum > 0) json.field("minLength", *field.minimum);
      if (field.maximum) json.field("maxLength", *field.maximum);
      break;
    case FieldType::Number:
    case FieldType::Integer:
      if (field.minimum) json.field("minimum", *field.minimum);
      if (field.maximum) json.field("maximum", *field.maximum);
      break;
    case FieldType::List:
      if (field.minimum && *field.minimum > 0) json.field("minItems", *field.minimum);
      break;
    case FieldType::Boolean:
    case FieldType::Date: break;
  }
}

void write_default(JsonWriter& json, const FieldDescription& field) {
  if (field.required || field.default_text.empty()) return;
  const bool quoted = field.type == FieldType::Text || field.type == FieldType::Date;
  json.key("default");
  if (quoted) {
    json.value(field.default_text);
  } else {
    json.raw(field.default_text);
  }
}

void write_schema(JsonWriter& json, const FieldDescription& field) {
  json.object();
  write_type(json, field);
  if (field.type == FieldType::Date) json.field("format", "date");
  if (!field.choices.empty()) {
    json.key("enum").array();
    for (const std::string& choice : field.choices) json.value(choice);
    json.end();
  }
  write_bounds(json, field);
  write_default(json, field);
  if (field.type == FieldType::List) {
    json.key("items").object().field("type", "object");
    write_fields(json, field.items);
    json.end();
  }
  json.end();
}

void write_fields(JsonWriter& json, const std::vector<FieldDescription>& fields) {
  json.field("additionalProperties", false).key("properties").object();
  for (const FieldDescription& field : fields) {
    json.key(field.name);
    write_schema(json, field);
  }
  json.end();
  json.key("required").array();
  for (const FieldDescription& field : fields) {
    // The key may come in the header instead.
    if (field.required && field.name != "apikey") json.value(field.name);
  }
  json.end();
}

void write_parameters(JsonWriter& json, const EndpointDescription& endpoint) {
  json.key("parameters").array();
  if (const auto at = endpoint.path.find('{'); at != std::string::npos) {
    const std::string name = endpoint.path.substr(at + 1, endpoint.path.find('}') - at - 1);
    json.object().field("name", name).field("in", "path").field("required", true);
    json.key("schema").object().field("type", "string").end().end();
  }
  for (const FieldDescription& field : endpoint.fields) {
    if (endpoint.method != http::Method::Get || field.name == "apikey") continue;
    json.object().field("name", field.name).field("in", "query").field("required", field.required);
    json.key("schema");
    write_schema(json, field);
    json.end();
  }
  json.end();
}

void write_reply(JsonWriter& json, std::string_view status, std::string_view meaning) {
  json.key(status).object().field("description", meaning).end();
}

bool needs_key(const EndpointDescription& endpoint) { return guard::is_for_keys(endpoint.access); }

std::string_view key_needed(guard::Access access) {
  if (access == guard::Access::TradeKey) return "Needs a key with scope `trade`.";
  if (access == guard::Access::SquareOffKey) return "Needs a key with scope `square-off` or `trade`.";
  return "Needs a key with scope `read`, `square-off` or `trade`.";
}

void write_replies(JsonWriter& json, const EndpointDescription& endpoint) {
  json.key("responses").object();
  write_reply(json, "200", "Done; `status` is `success`.");
  if (needs_key(endpoint)) {
    write_reply(json, "400", "The request is wrong; `message` names every bad field.");
    write_reply(json, "403", "The key is unknown, or may not do this.");
    write_reply(json, "429", "Over the rate limit.");
  }
  json.end();
}

void write_operation(JsonWriter& json, const EndpointDescription& endpoint) {
  json.key(to_lower(http::name_of(endpoint.method))).object();
  json.field("summary", endpoint.summary);
  if (needs_key(endpoint)) {
    json.field("description", key_needed(endpoint.access));
    json.key("security").array();
    if (endpoint.method == http::Method::Get) json.object().key("key_in_query").array().end().end();
    json.object().key("key_in_header").array().end().end();
    if (endpoint.method != http::Method::Get) json.object().end();  // the key is in the body
    json.end();
  }
  write_parameters(json, endpoint);
  if (endpoint.method == http::Method::Post) {
    json.key("requestBody").object().field("required", true).key("content").object();
    json.key("application/json").object().key("schema").object().field("type", "object");
    if (!endpoint.fields.empty()) write_fields(json, endpoint.fields);
    json.end().end().end().end();
  }
  write_replies(json, endpoint);
  json.end();
}

void write_security_schemes(JsonWriter& json) {
  json.key("components").object().key("securitySchemes").object();
  json.key("key_in_header").object().field("type", "apiKey").field("in", "header").field("name", "X-API-KEY").end();
  json.key("key_in_query").object().field("type", "apiKey").field("in", "query").field("name", "apikey").end();
  json.end().end();
}

}  // namespace

std::string openapi_document(const std::vector<EndpointDescription>& endpoints,
                             std::string_view public_origin) {
  std::map<std::string, std::vector<const EndpointDescription*>> by_path;
  for (const EndpointDescription& endpoint : endpoints) by_path[endpoint.path].push_back(&endpoint);
  std::string body;
  JsonWriter json{body};
  json.object().field("openapi", "3.1.0");
  json.key("info").object().field("title", "Kavach trading API").field("version", "v1").end();
  json.key("servers").array().object().field("url", public_origin).end().end();
  json.key("paths").object();
  for (const auto& [path, operations] : by_path) {
    json.key(path).object();
    for (const EndpointDescription* operation : operations) write_operation(json, *operation);
    json.end();
  }
  json.end();
  write_security_schemes(json);
  json.end();
  return body;
}

}  // namespace kavach::api
