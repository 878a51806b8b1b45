#pragma once

// What is wrong with a request, field by field: the error map of the wire contract and its two
// notations. A node is either a field (texts) or something with fields of its own (inner): an object
// by name, an array by index. Order is kept, because one notation shows it.

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/json.h"

namespace kavach::api {

struct FieldErrorEntry;

struct FieldErrors {
  using Key = std::variant<std::string, std::size_t>;

  std::vector<std::string> texts;
  std::vector<FieldErrorEntry> inner;

  [[nodiscard]] bool empty() const { return texts.empty() && inner.empty(); }
  void add(std::string_view field, std::string_view text);
  /// The node of a field or index, appended when it is new.
  FieldErrors& at(Key key);
};

struct FieldErrorEntry {
  FieldErrors::Key key;
  FieldErrors errors;
};

/// Appends the map in Python's literal notation (`{'quantity': ['Not a valid number.']}`), in the
/// order in which the errors were found.
void append_python_literal(std::string& out, const FieldErrors& errors);
/// Appends one text as Python's repr() would show it.
void append_python_text(std::string& out, std::string_view text);
/// The map as a JSON object, names in alphabetical order and indices as strings.
void write_errors(JsonWriter& out, const FieldErrors& errors);

}  // namespace kavach::api
