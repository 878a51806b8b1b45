#pragma once

// The Merkle tree of RFC 6962 section 2.1 over the hashes of a segment's records. Its root stands
// for all of them; a record's inclusion proof is a few hashes.

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "crypto/sha256.h"

namespace kavach::audit {

[[nodiscard]] crypto::Digest256 merkle_leaf(std::span<const std::byte> data);

/// The root of leaves that come one after the other, in memory logarithmic in their number.
class MerkleRoot {
 public:
  void add(const crypto::Digest256& leaf);
  [[nodiscard]] std::size_t size() const { return size_; }
  /// Of an empty tree: the SHA-256 of nothing.
  [[nodiscard]] crypto::Digest256 root() const;

 private:
  /// Roots of complete subtrees, largest first; their sizes are the bits of `size_`.
  std::vector<crypto::Digest256> peaks_;
  std::size_t size_{0};
};

/// A whole tree, for proofs: 64 bytes a leaf.
class MerkleTree {
 public:
  explicit MerkleTree(std::vector<crypto::Digest256> leaves);
  [[nodiscard]] std::size_t size() const { return levels_.front().size(); }
  [[nodiscard]] crypto::Digest256 root() const;
  /// The audit path of RFC 6962 section 2.1.1, leaf's sibling first. `index` < size.
  [[nodiscard]] std::vector<crypto::Digest256> path(std::size_t index) const;

 private:
  std::vector<std::vector<crypto::Digest256>> levels_;  ///< leaves first; an odd last node rises
};

/// RFC 9162 section 2.1.3.2.
[[nodiscard]] bool verify_inclusion(const crypto::Digest256& leaf, std::size_t index,
                                    std::size_t size, std::span<const crypto::Digest256> path,
                                    const crypto::Digest256& root);

}  // namespace kavach::audit
