#include "http/websocket_extensions.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <vector>

#include "core/text.h"
#include "http/grammar.h"

namespace kavach::http {
namespace {

constexpr std::string_view kHeader = "Sec-WebSocket-Extensions";
constexpr std::string_view kDeflate = "permessage-deflate";

struct Parameter {
  std::string name;
  std::optional<std::string> value;
};
struct Offer {
  std::string name;
  std::vector<Parameter> parameters;
};

/// `extension *( ";" parameter [ "=" ( token / quoted token ) ] )`, separated by commas (RFC 6455, 9.1).
class OfferReader {
 public:
  explicit OfferReader(std::string_view text) : text_{text} {}

  /// Nothing when the text does not follow the grammar.
  [[nodiscard]] std::optional<std::vector<Offer>> read() {
    std::vector<Offer> offers;
    do {
      Offer offer{token(), {}};
      if (offer.name.empty()) return std::nullopt;
      while (take(';')) {
        Parameter parameter{token(), std::nullopt};
        if (parameter.name.empty()) return std::nullopt;
        if (take('=')) {
          parameter.value = value();
          if (parameter.value->empty()) return std::nullopt;
        }
        offer.parameters.push_back(std::move(parameter));
      }
      offers.push_back(std::move(offer));
    } while (take(','));
    if (!text_.empty()) return std::nullopt;
    return offers;
  }

 private:
  void skip_blanks() { text_.remove_prefix(std::min(text_.find_first_not_of(" \t"), text_.size())); }

  bool take(char sign) {
    skip_blanks();
    if (!text_.starts_with(sign)) return false;
    text_.remove_prefix(1);
    return true;
  }

  std::string token() {
    skip_blanks();
    std::size_t size = 0;
    while (size < text_.size() && kToken.has(text_[size])) ++size;
    std::string out{text_.substr(0, size)};
    text_.remove_prefix(size);
    skip_blanks();
    return out;
  }

  std::string value() {
    if (!take('"')) return token();
    std::string out = token();
    return take('"') ? out : std::string{};
  }

  std::string_view text_;
};

/// 8 to 15, without leading zeros.
std::optional<int> window_bits(const std::optional<std::string>& value) {
  if (!value || value->starts_with('0')) return std::nullopt;
  const auto bits = parse_int(*value);
  if (!bits || *bits < 8 || *bits > 15) return std::nullopt;
  return static_cast<int>(*bits);
}

/// Our answer to one offer; nothing when it must be declined.
std::optional<std::string> answer_to(const Offer& offer) {
  if (!equals_ignoring_case(offer.name, kDeflate)) return std::nullopt;
  std::string answer = std::string{kDeflate} + "; server_no_context_takeover; client_no_context_takeover";
  std::vector<std::string_view> seen;
  for (const Parameter& parameter : offer.parameters) {
    const std::string_view name = parameter.name;
    if (std::ranges::find(seen, name) != seen.end()) return std::nullopt;
    seen.push_back(name);
    if (name == "server_no_context_takeover" || name == "client_no_context_takeover") {
      if (parameter.value) return std::nullopt;
    } else if (name == "server_max_window_bits") {
      const auto bits = window_bits(parameter.value);
      if (!bits || *bits < kDeflateWindowBits) return std::nullopt;
      answer += "; server_max_window_bits=" + std::to_string(kDeflateWindowBits);
    } else if (name == "client_max_window_bits") {
      // A hint that the client could use less. We need not ask it to: its window lives for one message.
      if (parameter.value && !window_bits(parameter.value)) return std::nullopt;
    } else {
      return std::nullopt;
    }
  }
  return answer;
}

}  // namespace

Result<std::string> agree_on_extensions(const RequestHead& head) {
  std::string offered;
  for (const Header& header : head.headers) {
    if (!equals_ignoring_case(header.name, kHeader)) continue;
    if (!offered.empty()) offered += ',';
    offered += header.value;
  }
  if (offered.empty()) return std::string{};
  const auto offers = OfferReader{offered}.read();
  if (!offers) {
    return fail(ErrorCode::InvalidInput, "The WebSocket handshake is malformed", "the extensions are not a list");
  }
  for (const Offer& offer : *offers) {
    if (auto answer = answer_to(offer)) return std::move(*answer);
  }
  return std::string{};
}

bool agreed_on_deflate(const Response& answer) {
  return std::ranges::any_of(answer.headers, [](const Header& header) {
    return header.name == kHeader && header.value.starts_with(kDeflate);
  });
}

}  // namespace kavach::http
