#include "api/symbol_body.h"

#include "api/choices.h"

namespace kavach::api {
namespace {

RequestSchema<SymbolBody> symbol_fields(KeyField key) {
  RequestSchema<SymbolBody> schema{key};
  schema.text("symbol", &SymbolBody::symbol, Presence::Required)
      .choice("exchange", &SymbolBody::exchange, Presence::Required, any_exchange());
  return schema;
}

}  // namespace

const RequestSchema<SymbolBody>& symbol_schema() {
  static const RequestSchema<SymbolBody> kSchema = symbol_fields(KeyField::First);
  return kSchema;
}

const RequestSchema<SymbolBody>& symbol_item_schema() {
  static const RequestSchema<SymbolBody> kSchema = symbol_fields(KeyField::None);
  return kSchema;
}

const RequestSchema<KeyOnlyBody>& key_only_schema() {
  static const RequestSchema<KeyOnlyBody> kSchema{};
  return kSchema;
}

}  // namespace kavach::api
