#include "guard/attempt_book.h"

#include <algorithm>
#include <utility>

namespace kavach::guard {

std::string_view name_of(AttemptKind kind) {
  switch (kind) {
    case AttemptKind::Path: return "path";
    case AttemptKind::KeyDigest: return "key_digest";
    case AttemptKind::Host: return "host";
  }
  return "path";
}

namespace {

// The longest word scanners look for is shorter, the shortest key, token or secret of ours longer.
constexpr std::size_t kWordMax = 20;

bool separates(char c) { return c == '/' || c == '.' || c == ':'; }

std::string printable(std::string_view text) {
  std::string out;
  for (const char c : text.substr(0, kSubjectBytesMax)) out += c > 0x20 && c < 0x7f ? c : '?';
  return out;
}

}  // namespace

std::string presentable(std::string_view text) {
  std::string out;
  while (!text.empty() && out.size() < kSubjectBytesMax) {
    const auto end = std::ranges::find_if(text, separates);
    const auto word = text.substr(0, static_cast<std::size_t>(end - text.begin()));
    out += word.size() > kWordMax ? "*" : word;
    text.remove_prefix(word.size());
    if (text.empty()) break;
    out += text.front();
    text.remove_prefix(1);
  }
  return printable(out);
}

std::string AttemptBook::key_of(const Cidr& network, AttemptKind kind, std::string_view subject) {
  return network.text() + '\n' + std::string{name_of(kind)} + '\n' + std::string{subject};
}

void AttemptBook::put(Book& book, Attempt attempt, bool changed) {
  std::string key = key_of(attempt.network, attempt.kind, attempt.subject);
  if (const auto known = book.places.find(key); known != book.places.end()) {
    Entry& entry = *known->second;
    entry.attempt.count += attempt.count;
    entry.attempt.last_at = attempt.last_at;
    entry.changed = entry.changed || changed;
    book.entries.splice(book.entries.begin(), book.entries, known->second);
    return;
  }
  if (book.entries.size() >= attempts_max_) drop(book, std::prev(book.entries.end()));
  book.entries.push_front({std::move(attempt), changed, !changed});
  book.places.emplace(std::move(key), book.entries.begin());
}

void AttemptBook::drop(Book& book, std::list<Entry>::iterator entry) {
  Attempt& attempt = entry->attempt;
  book.places.erase(key_of(attempt.network, attempt.kind, attempt.subject));
  if (entry->stored && book.gone.size() < attempts_max_) {
    attempt.count = 0;
    book.gone.push_back(std::move(attempt));
  }
  book.entries.erase(entry);
}

void AttemptBook::note(const Cidr& network, AttemptKind kind, std::string_view subject, TimePoint now) {
  if (subject.empty()) return;
  // A digest is ours and says nothing; paths and hosts are what the client wrote.
  std::string shown = kind == AttemptKind::KeyDigest ? printable(subject) : presentable(subject);
  Attempt attempt{network, kind, std::move(shown), 1, now};
  book_.with([&](Book& book) { put(book, std::move(attempt), true); });
}

void AttemptBook::restore(const Attempt& attempt) {
  book_.with([&](Book& book) { put(book, attempt, false); });
}

std::vector<Attempt> AttemptBook::latest(AttemptKind kind, std::size_t limit) const {
  return book_.with([&](const Book& book) {
    std::vector<Attempt> out;
    for (const Entry& entry : book.entries) {
      if (out.size() == limit) break;
      if (entry.attempt.kind == kind) out.push_back(entry.attempt);
    }
    return out;
  });
}

std::vector<Attempt> AttemptBook::of(const Cidr& network) const {
  return book_.with([&](const Book& book) {
    std::vector<Attempt> out;
    for (const Entry& entry : book.entries) {
      if (entry.attempt.network == network) out.push_back(entry.attempt);
    }
    return out;
  });
}

std::vector<Cidr> AttemptBook::networks_for_host(std::string_view host) const {
  const std::string wanted = presentable(host);
  return book_.with([&](const Book& book) {
    std::vector<Cidr> out;
    for (const Entry& entry : book.entries) {
      if (entry.attempt.kind == AttemptKind::Host && entry.attempt.subject == wanted) {
        out.push_back(entry.attempt.network);
      }
    }
    return out;
  });
}

void AttemptBook::forget(const Cidr& network, AttemptKind kind) {
  book_.with([&](Book& book) {
    for (auto entry = book.entries.begin(); entry != book.entries.end();) {
      const auto here = entry++;
      if (here->attempt.network == network && here->attempt.kind == kind) drop(book, here);
    }
  });
}

std::vector<Attempt> AttemptBook::changes(std::size_t limit) {
  return book_.with([&](Book& book) {
    std::vector<Attempt> out = std::exchange(book.gone, {});
    for (Entry& entry : book.entries) {
      if (out.size() >= limit) break;
      if (!entry.changed) continue;
      entry.changed = false;
      entry.stored = true;
      out.push_back(entry.attempt);
    }
    return out;
  });
}

}  // namespace kavach::guard
