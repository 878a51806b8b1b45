#include "api/field_errors.h"

#include <algorithm>
#include <cstdint>

namespace kavach::api {
namespace {

constexpr std::string_view kHex = "0123456789abcdef";

// Decodes the code point that starts at `at`; the text is valid UTF-8 (the JSON reader saw to it).
std::uint32_t code_point(std::string_view text, std::size_t at, std::size_t& length) {
  const auto lead = static_cast<unsigned char>(text[at]);
  length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  if (length == 1 || at + length > text.size()) {
    length = 1;
    return lead;
  }
  std::uint32_t value = lead & (0xFFU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    value = (value << 6U) | (static_cast<unsigned char>(text[at + i]) & 0x3FU);
  }
  return value;
}

// The code points above ASCII that Python's repr() escapes and a request might carry: controls,
// spaces other than U+0020, invisible format characters and private use.
bool is_shown(std::uint32_t point) {
  struct Range {
    std::uint32_t first, last;
  };
  constexpr Range kHidden[] = {{0x7F, 0xA0},       {0xAD, 0xAD},       {0x600, 0x605},
                               {0x61C, 0x61C},     {0x1680, 0x1680},   {0x180E, 0x180E},
                               {0x2000, 0x200F},   {0x2028, 0x202F},   {0x205F, 0x206F},
                               {0x3000, 0x3000},   {0xE000, 0xF8FF},   {0xFEFF, 0xFEFF},
                               {0xFFF0, 0xFFFB},   {0xE0000, 0x10FFFF}};
  return point >= 0x20 && std::ranges::none_of(kHidden, [point](const Range& range) {
           return point >= range.first && point <= range.last;
         });
}

void append_hex(std::string& out, std::uint32_t value, int digits) {
  for (int shift = (digits - 1) * 4; shift >= 0; shift -= 4) {
    out += kHex[(value >> static_cast<unsigned>(shift)) & 15U];
  }
}

void append_escaped(std::string& out, std::uint32_t point) {
  if (point == '\n') {
    out += "\\n";
  } else if (point == '\r') {
    out += "\\r";
  } else if (point == '\t') {
    out += "\\t";
  } else if (point <= 0xFF) {
    out += "\\x";
    append_hex(out, point, 2);
  } else if (point <= 0xFFFF) {
    out += "\\u";
    append_hex(out, point, 4);
  } else {
    out += "\\U";
    append_hex(out, point, 8);
  }
}

// By name, then by index: what sorting the keys of the map gives.
bool before(const FieldErrorEntry* a, const FieldErrorEntry* b) { return a->key < b->key; }

std::string key_text(const FieldErrors::Key& key) {
  if (const auto* index = std::get_if<std::size_t>(&key)) return std::to_string(*index);
  return std::get<std::string>(key);
}

}  // namespace

void FieldErrors::add(std::string_view field, std::string_view text) {
  at(std::string{field}).texts.emplace_back(text);
}

FieldErrors& FieldErrors::at(Key key) {
  const auto found = std::ranges::find(inner, key, &FieldErrorEntry::key);
  if (found != inner.end()) return found->errors;
  inner.push_back({std::move(key), {}});
  return inner.back().errors;
}

void append_python_text(std::string& out, std::string_view text) {
  const bool has_single = text.find('\'') != std::string_view::npos;
  const bool has_double = text.find('"') != std::string_view::npos;
  const char quote = has_single && !has_double ? '"' : '\'';
  out += quote;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t length = 0;
    const std::uint32_t point = code_point(text, at, length);
    if (point == '\\' || point == static_cast<std::uint32_t>(quote)) {
      out += '\\';
      out += text[at];
    } else if (is_shown(point)) {
      out += text.substr(at, length);
    } else {
      append_escaped(out, point);
    }
    at += length;
  }
  out += quote;
}

void append_python_literal(std::string& out, const FieldErrors& errors) {
  std::string_view separator;
  if (errors.inner.empty() && !errors.texts.empty()) {
    out += '[';
    for (const std::string& text : errors.texts) {
      out += separator;
      append_python_text(out, text);
      separator = ", ";
    }
    out += ']';
    return;
  }
  out += '{';
  for (const FieldErrorEntry& entry : errors.inner) {
    out += separator;
    if (const auto* index = std::get_if<std::size_t>(&entry.key)) {
      out += std::to_string(*index);
    } else {
      append_python_text(out, std::get<std::string>(entry.key));
    }
    out += ": ";
    append_python_literal(out, entry.errors);
    separator = ", ";
  }
  out += '}';
}

void write_errors(JsonWriter& out, const FieldErrors& errors) {
  if (errors.inner.empty() && !errors.texts.empty()) {
    out.array();
    for (const std::string& text : errors.texts) out.value(text);
    out.end();
    return;
  }
  std::vector<const FieldErrorEntry*> sorted;
  sorted.reserve(errors.inner.size());
  for (const FieldErrorEntry& entry : errors.inner) sorted.push_back(&entry);
  std::ranges::sort(sorted, before);
  out.object();
  for (const FieldErrorEntry* entry : sorted) {
    out.key(key_text(entry->key));
    write_errors(out, entry->errors);
  }
  out.end();
}

}  // namespace kavach::api
