// UTF-8, valid and not, whole, byte by byte and cut in the middle: chapter 6. The sections are those of Markus
// Kuhn's decoder stress test, which the suite follows.

#include "support/websocket_client.h"
#include "websocket_cases.h"

namespace kavach::http::conformance {
namespace {

using namespace std::string_literals;
using kavach::test::client_frame;

const std::string kKosme = "\xCE\xBA\xE1\xBD\xB9\xCF\x83\xCE\xBC\xCE\xB5";

std::string utf8(unsigned code_point) {
  const auto byte = [](unsigned bits) { return static_cast<char>(bits); };
  const auto next = [&](unsigned shift) { return byte(0x80U | ((code_point >> shift) & 0x3FU)); };
  if (code_point < 0x80) return {byte(code_point)};
  if (code_point < 0x800) return {byte(0xC0U | (code_point >> 6U)), next(0)};
  if (code_point < 0x10000) return {byte(0xE0U | (code_point >> 12U)), next(6), next(0)};
  return {byte(0xF0U | (code_point >> 18U)), next(12), next(6), next(0)};
}

std::vector<std::string> valid_texts() {
  std::vector<std::string> all{"Hello-\xC2\xB5@\xC3\x9F\xC3\xB6\xC3\xA4\xC3\xBC-\xE2\x82\xB9-\xF0\x9F\x94\x92", kKosme, "\x00"s, "\x7F"};
  for (const unsigned code_point : {0x80U, 0x7FFU, 0x800U, 0xD7FFU, 0xE000U, 0xFFFDU, 0xFFFFU, 0x10000U, 0x10FFFFU,
                                    0xFFF9U, 0xFFFAU, 0xFFFBU, 0xFFFCU, 0xFDD0U, 0xFDEFU}) {
    all.push_back(utf8(code_point));
  }
  // Noncharacters may be exchanged (Unicode's corrigendum 9).
  for (unsigned plane = 0; plane <= 16; ++plane) {
    all.push_back(utf8((plane << 16U) | 0xFFFEU));
    all.push_back(utf8((plane << 16U) | 0xFFFFU));
  }
  return all;
}

void add_lonely_bytes(std::vector<std::string>& all) {
  std::string continuations;
  for (unsigned byte = 0x80; byte <= 0xBF; ++byte) {
    all.push_back({static_cast<char>(byte)});
    continuations += static_cast<char>(byte);
    if (byte % 8 == 7) all.push_back(continuations);
  }
  // Every first byte of a longer character, followed by a space.
  for (unsigned byte = 0xC0; byte <= 0xFF; ++byte) all.push_back({static_cast<char>(byte), ' '});
}

std::vector<std::string> invalid_texts() {
  std::vector<std::string> all{
      kKosme + "\xED\xA0\x80" + "edited", kKosme + "\xF4\x90\x80\x80", std::string(1'000, 'a') + "\xFF",
      // Five and six bytes, and beyond Unicode.
      "\xF8\x88\x80\x80\x80", "\xFC\x84\x80\x80\x80\x80", "\xF7\xBF\xBF\xBF", "\xFB\xBF\xBF\xBF\xBF", "\xFD\xBF\xBF\xBF\xBF\xBF",
      "\xF4\x90\x80\x80",
      // The last byte is missing.
      "\xC0", "\xE0\x80", "\xF0\x80\x80", "\xF8\x80\x80\x80", "\xFC\x80\x80\x80\x80", "\xDF", "\xEF\xBF", "\xF7\xBF\xBF", "\xFB\xBF\xBF\xBF",
      "\xFD\xBF\xBF\xBF\xBF", "\xC0\xE0\x80\xF0\x80\x80\xF8\x80\x80\x80\xFC\x80\x80\x80\x80\xDF\xEF\xBF\xF7\xBF\xBF\xFB\xBF\xBF\xBF\xFD\xBF\xBF\xBF\xBF",
      // Bytes that cannot be.
      "\xFE", "\xFF", "\xFE\xFE\xFF\xFF",
      // Overlong: a slash, the largest of each length, and zero.
      "\xC0\xAF", "\xE0\x80\xAF", "\xF0\x80\x80\xAF", "\xF8\x80\x80\x80\xAF", "\xFC\x80\x80\x80\x80\xAF", "\xC1\xBF", "\xE0\x9F\xBF", "\xF0\x8F\xBF\xBF",
      "\xF8\x87\xBF\xBF\xBF", "\xFC\x83\xBF\xBF\xBF\xBF", "\xC0\x80", "\xE0\x80\x80", "\xF0\x80\x80\x80", "\xF8\x80\x80\x80\x80", "\xFC\x80\x80\x80\x80\x80"};
  add_lonely_bytes(all);
  // Surrogates, single and in pairs.
  const std::vector<std::string> high{"\xED\xA0\x80", "\xED\xAD\xBF", "\xED\xAE\x80", "\xED\xAF\xBF"};
  const std::vector<std::string> low{"\xED\xB0\x80", "\xED\xBE\x80", "\xED\xBF\xBF"};
  all.insert(all.end(), high.begin(), high.end());
  all.insert(all.end(), low.begin(), low.end());
  for (const auto& first : high) {
    for (const auto& second : low) all.push_back(first + second);
  }
  return all;
}

// A prefix of a good text is good where no character is cut, and must fail where the message ends within one.
void add_prefixes(std::vector<Case>& all) {
  for (std::size_t size = 1; size <= kKosme.size(); ++size) {
    const std::string prefix = kKosme.substr(0, size);
    const bool is_whole = size == kKosme.size() || (static_cast<unsigned char>(kKosme[size]) & 0xC0U) != 0x80U;
    Case each{"prefix of " + std::to_string(size), client_frame(kText, prefix), {}, is_whole ? 0U : 1007U};
    if (is_whole) each.echoed.push_back({kText, prefix});
    all.push_back(std::move(each));
  }
}

}  // namespace

std::vector<Case> text_cases() {
  std::vector<Case> all;
  for (const auto& text : valid_texts()) {
    const std::string size = std::to_string(text.size());
    all.push_back({"valid text of " + size, client_frame(kText, text), {{kText, text}}});
    all.push_back({"valid text in bytes of " + size, fragmented(kText, text, 1), {{kText, text}}});
  }
  for (const auto& text : invalid_texts()) {
    all.push_back({"invalid text " + text, client_frame(kText, text), {}, 1007});
    all.push_back({"invalid text in bytes " + text, text.size() < 60 ? fragmented(kText, text, 1) : fragmented(kText, text, 100), {}, 1007});
    all.push_back({"binary may be " + text, client_frame(kBinary, text), {{kBinary, text}}});
  }
  add_prefixes(all);
  // The first bad byte is enough: the rest of the message, or of the frame, never comes.
  const std::string bad = kKosme + "\xF4\x90\x80\x80" + "edited";
  all.push_back({"fails fast", client_frame(kTextStart, "\xCE\xBA\xED\xA0"), {}, 1007});
  all.push_back({"fails at the fragment", client_frame(kTextStart, kKosme) + client_frame(kMore, "\xF4\x90\x80\x80"), {}, 1007});
  all.push_back({"fails within the frame", client_frame(kText, bad).substr(0, 6 + kKosme.size() + 2), {}, 1007});
  all.push_back({"character cut by the end", client_frame(kTextStart, "a\xE2") + client_frame(kEnd, "\x82"), {}, 1007});
  return all;
}

}  // namespace kavach::http::conformance
