#include "identity/password_policy.h"

#include <algorithm>
#include <iterator>
#include <string>

#include "core/text.h"

namespace kavach::identity {
namespace {

// Sorted; composed by data/compose_common_passwords.py.
constexpr const char* kCommon[] = {
#include "identity/data/common_passwords.inc"
};

constexpr std::size_t kNamePartMin = 3;  ///< a shorter name appears in too much by chance

std::size_t characters(std::string_view utf8) {
  return static_cast<std::size_t>(
      std::ranges::count_if(utf8, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

char without_disguise(char c) {
  switch (c) {
    case '@': return 'a';
    case '$': return 's';
    case '0': return 'o';
    case '1': return 'i';
    case '3': return 'e';
    case '5': return 's';
    case '7': return 't';
    default: return c;
  }
}

bool listed(std::string_view text) {
  return std::ranges::binary_search(kCommon, text, {}, [](const char* entry) { return std::string_view{entry}; });
}

/// The first letters stand for a word, the digits at the end for padding: `P@ssw0rd1234` is
/// `password1234`. Both readings of the tail are tried.
bool listed_undisguised(std::string text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    text[i] = without_disguise(text[i]);
  }
  return listed(text);
}

bool listed_with_plain_tail(std::string text) {
  const auto last_letter = text.find_last_of("abcdefghijklmnopqrstuvwxyz");
  for (std::size_t i = 0; last_letter != std::string::npos && i <= last_letter; ++i) {
    text[i] = without_disguise(text[i]);
  }
  return listed(text);
}

bool contains_name(const std::string& folded, std::string_view name) {
  return name.size() >= kNamePartMin && folded.contains(to_lower(name));
}

}  // namespace

std::size_t common_password_count() { return std::size(kCommon); }

bool is_common_password(const Secret& password) {
  std::string folded = to_lower(password.reveal());
  const bool common = listed(folded) || listed_with_plain_tail(folded) || listed_undisguised(folded);
  wipe(folded);
  return common;
}

Result<void> check_password(const Secret& password, std::string_view username, std::string_view email) {
  const auto text = password.reveal();
  if (!is_valid_utf8(text) || text.contains('\0')) {
    return fail(ErrorCode::InvalidInput, "The password must be text.");
  }
  const auto length = characters(text);
  if (length < kPasswordCharactersMin) {
    return fail(ErrorCode::InvalidInput, "Choose a password of at least 12 characters; a few words will do.");
  }
  if (length > kPasswordCharactersMax) {
    return fail(ErrorCode::InvalidInput, "A password has at most 128 characters.");
  }
  if (is_common_password(password)) {
    return fail(ErrorCode::InvalidInput, "That password is among the first an attacker tries; choose another.");
  }
  std::string folded = to_lower(text);
  const bool named = contains_name(folded, username) || contains_name(folded, email.substr(0, email.find('@')));
  wipe(folded);
  if (named) return fail(ErrorCode::InvalidInput, "The password must not contain your user name or mail address.");
  return {};
}

}  // namespace kavach::identity
