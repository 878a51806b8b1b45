#include "audit/merkle.h"

#include <utility>

namespace kavach::audit {
namespace {

using crypto::Digest256;

// The prefixes keep a leaf from being passed off as a node.
constexpr std::byte kLeafPrefix{0};
constexpr std::byte kNodePrefix{1};

Digest256 node(const Digest256& left, const Digest256& right) {
  return crypto::Sha256{}.update(std::span{&kNodePrefix, 1}).update(left).update(right).finish();
}

}  // namespace

Digest256 merkle_leaf(std::span<const std::byte> data) {
  return crypto::Sha256{}.update(std::span{&kLeafPrefix, 1}).update(data).finish();
}

void MerkleRoot::add(const Digest256& leaf) {
  Digest256 peak = leaf;
  for (std::size_t bits = size_; (bits & 1U) != 0; bits >>= 1U) {
    peak = node(peaks_.back(), peak);
    peaks_.pop_back();
  }
  peaks_.push_back(peak);
  ++size_;
}

Digest256 MerkleRoot::root() const {
  if (peaks_.empty()) return crypto::sha256(std::string_view{});
  Digest256 root = peaks_.back();
  for (std::size_t i = peaks_.size() - 1; i > 0; --i) root = node(peaks_[i - 1], root);
  return root;
}

MerkleTree::MerkleTree(std::vector<Digest256> leaves) {
  levels_.push_back(std::move(leaves));
  while (levels_.back().size() > 1) {
    const auto& below = levels_.back();
    std::vector<Digest256> level;
    level.reserve((below.size() + 1) / 2);
    for (std::size_t i = 0; i + 1 < below.size(); i += 2)
      level.push_back(node(below[i], below[i + 1]));
    if (below.size() % 2 == 1) level.push_back(below.back());
    levels_.push_back(std::move(level));
  }
}

Digest256 MerkleTree::root() const {
  return size() == 0 ? crypto::sha256(std::string_view{}) : levels_.back().front();
}

std::vector<Digest256> MerkleTree::path(std::size_t index) const {
  std::vector<Digest256> path;
  for (const auto& level : levels_) {
    const std::size_t sibling = index ^ 1U;
    if (sibling < level.size()) path.push_back(level[sibling]);
    index >>= 1U;
  }
  return path;
}

bool verify_inclusion(const Digest256& leaf, std::size_t index, std::size_t size,
                      std::span<const Digest256> path, const Digest256& root) {
  if (index >= size) return false;
  std::size_t fn = index;
  std::size_t sn = size - 1;
  Digest256 hash = leaf;
  for (const Digest256& sibling : path) {
    if (sn == 0) return false;
    if ((fn & 1U) != 0 || fn == sn) {
      hash = node(sibling, hash);
      while ((fn & 1U) == 0 && fn != 0) {
        fn >>= 1U;
        sn >>= 1U;
      }
    } else {
      hash = node(hash, sibling);
    }
    fn >>= 1U;
    sn >>= 1U;
  }
  return sn == 0 && hash == root;
}

}  // namespace kavach::audit
