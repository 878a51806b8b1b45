#include "app/backup_file.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "core/check.h"
#include "crypto/hkdf.h"

namespace kavach::app {
namespace {

constexpr std::string_view kMagic = "KAVACHB1";
constexpr std::size_t kIdBytes = 8;
constexpr std::size_t kSaltBytes = 32;
constexpr std::size_t kKeyBytes = 32;
constexpr std::size_t kNonceBytes = 12;
static_assert(kMagic.size() + kIdBytes + kSaltBytes == kBackupHeaderBytes);

using Bytes = std::vector<unsigned char>;

std::unexpected<Error> io_failure(const std::filesystem::path& file, const char* what) {
  return fail(ErrorCode::StorageFailed, file.string() + " " + what + ": " + std::strerror(errno) + ".");
}

std::unexpected<Error> changed(const std::filesystem::path& file) {
  return fail(ErrorCode::InvalidInput,
              file.string() + " was cut short or changed since it was made; nothing was restored. Use another copy.");
}

/// A descriptor; a file that was made and not kept is removed again.
class File {
 public:
  static Result<File> read(const std::filesystem::path& path) {
    File file{path, ::open(path.c_str(), O_RDONLY | O_CLOEXEC), false};
    if (file.descriptor_ < 0) return io_failure(path, "cannot be read");
    return file;
  }
  static Result<File> make(const std::filesystem::path& path) {
    File file{path, ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600), true};
    if (file.descriptor_ >= 0) return file;
    file.made_ = false;
    if (errno == EEXIST) return fail(ErrorCode::Conflict, path.string() + " exists already; name another file.");
    return io_failure(path, "cannot be made");
  }
  File(File&& other) noexcept
      : path_{std::move(other.path_)},
        descriptor_{std::exchange(other.descriptor_, -1)},
        made_{std::exchange(other.made_, false)} {}
  File& operator=(File&&) = delete;
  ~File() {
    if (descriptor_ >= 0) ::close(descriptor_);
    if (made_) ::unlink(path_.c_str());
  }

  /// As many bytes as there are, at most the span.
  Result<std::size_t> get(std::span<unsigned char> into) {
    std::size_t done = 0;
    while (done < into.size()) {
      const ssize_t got = ::read(descriptor_, into.data() + done, into.size() - done);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return io_failure(path_, "cannot be read");
      if (got == 0) break;
      done += static_cast<std::size_t>(got);
    }
    return done;
  }
  Result<void> put(std::span<const unsigned char> bytes) {
    while (!bytes.empty()) {
      const ssize_t wrote = ::write(descriptor_, bytes.data(), bytes.size());
      if (wrote < 0 && errno == EINTR) continue;
      if (wrote <= 0) return io_failure(path_, "cannot be written");
      bytes = bytes.subspan(static_cast<std::size_t>(wrote));
    }
    return {};
  }
  Result<void> keep() {
    if (::fsync(descriptor_) != 0) return io_failure(path_, "cannot be written");
    made_ = false;
    return {};
  }

 private:
  File(std::filesystem::path path, int descriptor, bool made)
      : path_{std::move(path)}, descriptor_{descriptor}, made_{made} {}

  std::filesystem::path path_;
  int descriptor_;
  bool made_;
};

struct FreeContext {
  void operator()(EVP_CIPHER_CTX* context) const { ::EVP_CIPHER_CTX_free(context); }
};

/// Seals or opens the chunks of one file, in order.
class Chunks {
 public:
  Chunks(const Secret& backup_key, std::span<const unsigned char> header, bool seals)
      : context_{::EVP_CIPHER_CTX_new()}, header_{header.begin(), header.end()}, seals_{seals} {
    const auto salt = header.last(kSaltBytes);
    key_ = crypto::hkdf(backup_key, {reinterpret_cast<const char*>(salt.data()), salt.size()}, "kavach backup file 1",
                        kKeyBytes);
    check(context_ != nullptr, "no memory for a cipher");
  }

  void seal(std::span<const unsigned char> plain, bool last, Bytes& out) {
    begin(last);
    out.resize(plain.size() + kBackupTagBytes);
    run(plain, out.data());
    int none = 0;
    check(::EVP_EncryptFinal_ex(context_.get(), out.data() + plain.size(), &none) == 1, "a backup chunk was not sealed");
    check(::EVP_CIPHER_CTX_ctrl(context_.get(), EVP_CTRL_AEAD_GET_TAG, int{kBackupTagBytes},
                                out.data() + plain.size()) == 1,
          "a backup chunk has no tag");
  }

  /// False when the chunk is not the next one of this file.
  [[nodiscard]] bool open(std::span<const unsigned char> sealed, bool last, Bytes& out) {
    if (sealed.size() < kBackupTagBytes) return false;
    begin(last);
    out.resize(sealed.size() - kBackupTagBytes);
    run(sealed.first(out.size()), out.data());
    std::array<unsigned char, kBackupTagBytes> tag{};
    std::ranges::copy(sealed.last(kBackupTagBytes), tag.begin());
    unsigned char spare = 0;
    int none = 0;
    return ::EVP_CIPHER_CTX_ctrl(context_.get(), EVP_CTRL_AEAD_SET_TAG, int{kBackupTagBytes}, tag.data()) == 1 &&
           ::EVP_DecryptFinal_ex(context_.get(), &spare, &none) == 1;
  }

 private:
  // Seven zero bytes, the chunk's number in four, whether it is the last in one.
  void begin(bool last) {
    check(number_ != UINT32_MAX, "a backup is too large");
    std::array<unsigned char, kNonceBytes> nonce{};
    for (std::size_t i = 0; i < 4; ++i) nonce[7 + i] = static_cast<unsigned char>(number_ >> (24 - 8 * i));
    nonce[11] = last ? 1 : 0;
    ++number_;
    const auto* key = reinterpret_cast<const unsigned char*>(key_.bytes().data());
    int none = 0;
    const bool begun =
        ::EVP_CipherInit_ex(context_.get(), ::EVP_aes_256_gcm(), nullptr, key, nonce.data(), seals_ ? 1 : 0) == 1 &&
        ::EVP_CipherUpdate(context_.get(), nullptr, &none, header_.data(), static_cast<int>(header_.size())) == 1;
    check(begun, "AES-256-GCM is not available");
  }

  void run(std::span<const unsigned char> from, unsigned char* to) {
    int length = 0;
    if (from.empty()) return;
    check(::EVP_CipherUpdate(context_.get(), to, &length, from.data(), static_cast<int>(from.size())) == 1,
          "a backup chunk was not processed");
  }

  std::unique_ptr<EVP_CIPHER_CTX, FreeContext> context_;
  Bytes header_;
  Secret key_;
  bool seals_;
  std::uint32_t number_{0};
};

/// Calls `use(piece, last)` for each piece of `size` bytes; only the last one may be shorter.
template <class Use>
Result<void> for_each_piece(File& file, std::size_t size, Use&& use) {
  Bytes current(size);
  Bytes next(size);
  auto got = file.get(current);
  if (!got) return pass_on(got);
  for (;;) {
    // Only what follows tells whether a full piece is the last.
    Result<std::size_t> following = 0;
    if (*got == size) following = file.get(next);
    if (!following) return pass_on(following);
    const bool last = *following == 0;
    if (auto used = use(std::span<const unsigned char>{current}.first(*got), last); !used) return used;
    if (last) return {};
    std::swap(current, next);
    got = following;
  }
}

Result<Secret> key_named(const crypto::KeyRing& ring, std::string_view id, const std::filesystem::path& file) {
  if (auto named = ring.find(crypto::Purpose::Backup, id)) return std::move(named->key);
  return fail(ErrorCode::Forbidden, file.string() + " was made under another APP_KEY; put the secrets.env that belongs "
                                                    "to it into the data folder.");
}

}  // namespace

Result<void> seal_backup(const crypto::KeyRing& ring, const SecureRandom& random, const std::filesystem::path& plain,
                         const std::filesystem::path& sealed) {
  auto from = File::read(plain);
  if (!from) return pass_on(from);
  auto to = File::make(sealed);
  if (!to) return pass_on(to);
  std::array<std::byte, kSaltBytes> salt{};
  random.fill(salt);
  Bytes header{kMagic.begin(), kMagic.end()};
  const auto key = ring.current(crypto::Purpose::Backup);
  header.insert(header.end(), key.id.begin(), key.id.end());
  for (const std::byte byte : salt) header.push_back(std::to_integer<unsigned char>(byte));
  check(header.size() == kBackupHeaderBytes, "a backup's header has another size");
  if (auto written = to->put(header); !written) return written;

  Chunks chunks{key.key, header, true};
  Bytes out;
  auto done = for_each_piece(*from, kBackupChunkBytes, [&](std::span<const unsigned char> piece, bool last) {
    chunks.seal(piece, last, out);
    return to->put(out);
  });
  if (!done) return done;
  return to->keep();
}

Result<void> open_backup(const crypto::KeyRing& ring, const std::filesystem::path& sealed,
                         const std::filesystem::path& plain) {
  auto from = File::read(sealed);
  if (!from) return pass_on(from);
  Bytes header(kBackupHeaderBytes);
  auto got = from->get(header);
  if (!got) return pass_on(got);
  const std::string_view head{reinterpret_cast<const char*>(header.data()), *got};
  if (!head.starts_with(kMagic)) {
    return fail(ErrorCode::InvalidInput, sealed.string() + " is not a backup of this version of Kavach.");
  }
  if (*got != kBackupHeaderBytes) return changed(sealed);
  auto key = key_named(ring, head.substr(kMagic.size(), kIdBytes), sealed);
  if (!key) return pass_on(key);
  auto to = File::make(plain);
  if (!to) return pass_on(to);

  Chunks chunks{*key, header, false};
  Bytes out;
  auto done = for_each_piece(*from, kBackupChunkBytes + kBackupTagBytes,
                             [&](std::span<const unsigned char> piece, bool last) -> Result<void> {
                               if (!chunks.open(piece, last, out)) return changed(sealed);
                               return to->put(out);
                             });
  if (!done) return done;
  return to->keep();
}

}  // namespace kavach::app
