#include "audit/merkle.h"

#include <gtest/gtest.h>

#include "core/text.h"

namespace kavach::audit {
namespace {

using crypto::Digest256;

/// The test data of the certificate transparency reference implementation (RFC 6962), 8 leaves.
std::vector<Digest256> reference_leaves() {
  std::vector<Digest256> leaves;
  for (const char* hex : {"", "00", "10", "2021", "3031", "40414243", "5051525354555657",
                          "606162636465666768696a6b6c6d6e6f"}) {
    leaves.push_back(merkle_leaf(*from_hex(hex)));
  }
  return leaves;
}

std::string root_of(std::size_t size) {
  const auto all = reference_leaves();
  return to_hex(MerkleTree{{all.begin(), all.begin() + static_cast<std::ptrdiff_t>(size)}}.root());
}

TEST(Merkle, R30_RootsOfTheRfc6962ReferenceTree) {
  EXPECT_EQ(root_of(0), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(root_of(1), "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
  EXPECT_EQ(root_of(2), "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125");
  EXPECT_EQ(root_of(3), "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77");
  EXPECT_EQ(root_of(8), "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328");
}

TEST(Merkle, R30_TheStreamedRootIsTheTreesRootAtEverySize) {
  std::vector<Digest256> leaves;
  MerkleRoot streamed;
  for (int size = 0; size < 130; ++size) {
    EXPECT_EQ(streamed.root(), MerkleTree{leaves}.root()) << size;
    leaves.push_back(merkle_leaf(as_bytes(std::to_string(size))));
    streamed.add(leaves.back());
  }
}

TEST(Merkle, R30_EveryProofHoldsAndNoForgedOneDoes) {
  std::vector<Digest256> leaves;
  for (std::size_t size = 1; size < 40; ++size) {
    leaves.push_back(merkle_leaf(as_bytes(std::to_string(size))));
    const MerkleTree tree{leaves};
    for (std::size_t index = 0; index < size; ++index) {
      auto path = tree.path(index);
      EXPECT_TRUE(verify_inclusion(leaves[index], index, size, path, tree.root()));
      EXPECT_FALSE(verify_inclusion(merkle_leaf({}), index, size, path, tree.root()));
      EXPECT_FALSE(verify_inclusion(leaves[index], index + 1, size, path, tree.root()));
      path.push_back(leaves[0]);
      EXPECT_FALSE(verify_inclusion(leaves[index], index, size, path, tree.root()));
      if (path.size() > 1) {
        path.pop_back();
        path[0][0] ^= std::byte{1};
        EXPECT_FALSE(verify_inclusion(leaves[index], index, size, path, tree.root()));
      }
    }
  }
}

}  // namespace
}  // namespace kavach::audit
