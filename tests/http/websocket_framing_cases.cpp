// Framing, control frames, fragments, closing and sizes: chapters 1 to 5, 7, 9 and 10.

#include "support/websocket_client.h"
#include "websocket_cases.h"

namespace kavach::http::conformance {
namespace {

using namespace std::string_literals;
using kavach::test::client_frame;
using kavach::test::close_payload;

void add_framing(std::vector<Case>& all) {
  for (const std::size_t size : {0U, 1U, 125U, 126U, 127U, 128U, 65'535U, 65'536U, 200'000U}) {
    const std::string payload(size, '*');
    all.push_back({"text of " + std::to_string(size), client_frame(kText, payload), {{kText, payload}}});
    all.push_back({"binary of " + std::to_string(size), client_frame(kBinary, payload), {{kBinary, payload}}});
  }
  all.push_back({"mask of zeros", client_frame(kText, "abc", 0), {{kText, "abc"}}});
  all.push_back({"unmasked text", "\x81\x03"s + "abc", {}, 1002});
  all.push_back({"unmasked ping", "\x89\x00"s, {}, 1002});
  all.push_back({"unmasked close", "\x88\x02\x03\xE8"s, {}, 1002});
  all.push_back({"16-bit length for 5", "\x81\xFE\x00\x05\x00\x00\x00\x00hello"s, {}, 1002});
  all.push_back({"64-bit length for 5", "\x81\xFF\x00\x00\x00\x00\x00\x00\x00\x05\x00\x00\x00\x00hello"s, {}, 1002});
  all.push_back({"64-bit length with sign", "\x82\xFF\x80\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"s, {}, 1002});
}

// Whatever is wrong, what came before it is answered and what comes after it is not.
void add_reserved(std::vector<Case>& all) {
  const std::string good = client_frame(kText, "a");
  const std::string ping = client_frame(kPing, "");
  for (const unsigned opcode : {3U, 4U, 5U, 6U, 7U, 11U, 12U, 13U, 14U, 15U}) {
    const std::string name = "reserved opcode " + std::to_string(opcode);
    all.push_back({name, client_frame(0x80U | opcode, "x"), {}, 1002});
    all.push_back({name + " without payload", client_frame(0x80U | opcode, ""), {}, 1002});
    all.push_back({name + " between good frames", good + client_frame(0x80U | opcode, "x") + ping, {{kText, "a"}}, 1002});
  }
  for (unsigned bits = 1; bits <= 7; ++bits) {
    for (const unsigned frame : {kText, kTextStart, kBinary, kPing, kPong, kClose}) {
      const std::string payload = frame == kClose ? close_payload(1000) : "x";
      all.push_back({"reserved bits " + std::to_string(bits) + " on " + std::to_string(frame),
                     good + client_frame(frame | (bits << 4U), payload) + ping, {{kText, "a"}}, 1002, bits == 4});
    }
    all.push_back({"reserved bits on a continuation", client_frame(kTextStart, "a") + client_frame(kEnd | (bits << 4U), "b"), {}, 1002});
  }
}

void add_control(std::vector<Case>& all) {
  const std::string longest(125, '.');
  all.push_back({"empty ping", client_frame(kPing, ""), {{kPong, ""}}});
  all.push_back({"ping with text", client_frame(kPing, "hi"), {{kPong, "hi"}}});
  all.push_back({"ping with binary", client_frame(kPing, "\0\xFF\xFE\n"s), {{kPong, "\0\xFF\xFE\n"s}}});
  all.push_back({"longest ping", client_frame(kPing, longest), {{kPong, longest}}});
  all.push_back({"ping too long", client_frame(kPing, longest + "."), {}, 1002});
  all.push_back({"fragmented ping", client_frame(0x09, "x"), {}, 1002});
  all.push_back({"fragmented pong", client_frame(0x0A, "x"), {}, 1002});
  all.push_back({"fragmented ping, then its end", client_frame(0x09, "x") + client_frame(kEnd, "y"), {}, 1002});
  all.push_back({"fragmented close", client_frame(0x08, ""), {}, 1002});
  all.push_back({"unsolicited pong", client_frame(kPong, "x") + client_frame(kText, "y"), {{kText, "y"}}});
  all.push_back({"unsolicited empty pong", client_frame(kPong, "") + client_frame(kText, "y"), {{kText, "y"}}});
  all.push_back({"unsolicited pong, then a ping", client_frame(kPong, "x") + client_frame(kPing, "y"), {{kPong, "y"}}});
  std::string pings;
  std::vector<Expected> pongs;
  for (int i = 0; i < 10; ++i) {
    pings += client_frame(kPing, std::to_string(i));
    pongs.push_back({kPong, std::to_string(i)});
  }
  all.push_back({"ten pings", pings, pongs});
  all.push_back({"pings between messages", client_frame(kText, "1") + client_frame(kPing, "2") + client_frame(kText, "3") + client_frame(kPing, "4"),
                 {{kText, "1"}, {kPong, "2"}, {kText, "3"}, {kPong, "4"}}});
}

void add_fragments(std::vector<Case>& all) {
  const std::string start = client_frame(kTextStart, "frag");
  all.push_back({"two fragments", start + client_frame(kEnd, "ment"), {{kText, "fragment"}}});
  all.push_back({"binary fragments", client_frame(kBinaryStart, "\xFF"s) + client_frame(kMore, "\xFE"s) + client_frame(kEnd, "\xFD"s),
                 {{kBinary, "\xFF\xFE\xFD"s}}});
  all.push_back({"empty fragments", client_frame(kTextStart, "") + client_frame(kMore, "") + client_frame(kEnd, ""), {{kText, ""}}});
  all.push_back({"empty fragments around", client_frame(kTextStart, "") + client_frame(kMore, "x") + client_frame(kEnd, ""), {{kText, "x"}}});
  all.push_back({"ping between fragments", start + client_frame(kPing, "p") + client_frame(kEnd, "ment"),
                 {{kPong, "p"}, {kText, "fragment"}}});
  all.push_back({"pong between fragments", start + client_frame(kPong, "p") + client_frame(kEnd, ""), {{kText, "frag"}}});
  std::string five = start;
  std::vector<Expected> answers;
  for (const char* part : {"-1", "-2", "-3"}) {
    five += client_frame(kPing, part) + client_frame(kMore, part);
    answers.push_back({kPong, part});
  }
  answers.push_back({kText, "frag-1-2-3-4"});
  all.push_back({"pings between five fragments", five + client_frame(kEnd, "-4"), answers});
  for (const unsigned continuation : {kEnd, kMore}) {
    all.push_back({"continuation of nothing", client_frame(continuation, "x"), {}, 1002});
    all.push_back({"continuation of nothing, then a message", client_frame(continuation, "x") + client_frame(kText, "y"), {}, 1002});
    all.push_back({"continuation after the end", start + client_frame(kEnd, "x") + client_frame(continuation, "y") + start,
                   {{kText, "fragx"}}, 1002});
  }
  all.push_back({"text inside fragments", start + client_frame(kText, "x"), {}, 1002});
  all.push_back({"a second beginning", start + start + client_frame(kEnd, "x"), {}, 1002});
  all.push_back({"binary inside fragments", start + client_frame(kBinaryStart, "x"), {}, 1002});
}

void add_closes(std::vector<Case>& all) {
  const auto close = [](std::string payload) { return client_frame(kClose, payload); };
  const std::string normal = close(close_payload(1000));
  const std::string text = client_frame(kText, "a");
  all.push_back({"close without code", close(""), {}, 1000});
  all.push_back({"close of one byte", close("\x03"), {}, 1002});
  all.push_back({"close with reason", close(close_payload(1000, "bye")), {}, 1000});
  all.push_back({"close with longest reason", close(close_payload(1000, std::string(123, 'r'))), {}, 1000});
  all.push_back({"close with a reason too long", close(close_payload(1000, std::string(124, 'r'))), {}, 1002});
  all.push_back({"close with bad reason", close(close_payload(1000, "\xFF")), {}, 1007});
  for (const unsigned code : {1000U, 1001U, 1002U, 1003U, 1007U, 1008U, 1009U, 1010U, 1011U, 1012U, 1013U, 1014U, 3000U, 3999U, 4000U, 4999U}) {
    all.push_back({"close " + std::to_string(code), close(close_payload(code)), {}, code});
  }
  for (const unsigned code : {0U, 999U, 1004U, 1005U, 1006U, 1015U, 1016U, 1100U, 2000U, 2999U, 5000U, 65'535U}) {
    all.push_back({"close " + std::to_string(code), close(close_payload(code)), {}, 1002});
  }
  all.push_back({"message after close", text + normal + client_frame(kText, "b"), {{kText, "a"}}, 1000});
  all.push_back({"two closes", normal + normal, {}, 1000});
  all.push_back({"ping after close", normal + client_frame(kPing, "p"), {}, 1000});
  all.push_back({"close between fragments", client_frame(kTextStart, "a") + normal + client_frame(kEnd, "b"), {}, 1000});
  const std::string large(256 * 1024, 'l');
  all.push_back({"close behind a large message", client_frame(kText, large) + normal + client_frame(kPing, ""), {{kText, large}}, 1000});
}

void add_sizes(std::vector<Case>& all) {
  const std::string largest(kLargest, 'l');
  all.push_back({"largest text", client_frame(kText, largest), {{kText, largest}}});
  all.push_back({"largest binary", client_frame(kBinary, largest), {{kBinary, largest}}});
  all.push_back({"one more than the largest", client_frame(kText, largest + "l"), {}, 1009});
  const std::string payload(65'536, 'f');
  for (const std::size_t step : {1'300U, 4'096U, 16'384U}) {
    all.push_back({"fragments of " + std::to_string(step), fragmented(kText, payload, step), {{kText, payload}}});
    all.push_back({"binary fragments of " + std::to_string(step), fragmented(kBinary, payload, step), {{kBinary, payload}}});
  }
  for (const std::size_t size : {0U, 16U, 64U, 256U, 1'024U, 4'096U}) {
    Case many{"a hundred messages of " + std::to_string(size), {}, {}};
    for (int i = 0; i < 100; ++i) {
      const std::string each(size, static_cast<char>('a' + i % 26));
      many.sent += client_frame(i % 2 == 0 ? kText : kBinary, each);
      many.echoed.push_back({i % 2 == 0 ? kText : kBinary, each});
    }
    all.push_back(std::move(many));
  }
}

}  // namespace

std::string fragmented(unsigned first_byte, std::string_view payload, std::size_t step) {
  constexpr unsigned kFinal = 0x80;
  std::string out;
  for (std::size_t at = 0; at == 0 || at < payload.size(); at += step) {
    const unsigned start = at == 0 ? first_byte & ~kFinal : 0U;
    out += client_frame(start | (at + step >= payload.size() ? kFinal : 0U), payload.substr(at, step));
  }
  return out;
}

std::vector<Case> framing_cases() {
  std::vector<Case> all;
  add_framing(all);
  add_reserved(all);
  add_control(all);
  add_fragments(all);
  add_closes(all);
  add_sizes(all);
  return all;
}

}  // namespace kavach::http::conformance
