#include "http/websocket_deflate.h"

// Input is read only.
#define ZLIB_CONST
#include <zlib.h>

#include <algorithm>
#include <array>
#include <new>

#include "http/websocket_extensions.h"

namespace kavach::http {
namespace {

constexpr int kInflateWindowBits = 15;  // whatever the client used
constexpr int kDeflateLevel = 1;        // of a price's 1,000 bytes the best level saves 2% more, in twice the time
constexpr int kDeflateMemory = 5;       // a hash table of 8 KiB, to be cleared for every message
constexpr std::size_t kPiece = 4096;
constexpr int kAtBlockBoundary = 128;   // of `data_type`, as inflate() documents
constexpr std::string_view kTail{"\x00\x00\xff\xff", 4};

const Bytef* bytes_of(std::string_view text) { return reinterpret_cast<const Bytef*>(text.data()); }

}  // namespace

void EndsInflating::operator()(z_stream_s* stream) const {
  ::inflateEnd(stream);
  delete stream;
}

void EndsDeflating::operator()(z_stream_s* stream) const {
  ::deflateEnd(stream);
  delete stream;
}

MessageInflater::MessageInflater() : stream_{new z_stream_s{}} {
  if (::inflateInit2(stream_.get(), -kInflateWindowBits) != Z_OK) throw std::bad_alloc{};
}

MessageInflater::Outcome MessageInflater::feed(std::string_view input, std::string& out, std::size_t out_max) {
  stream_->next_in = bytes_of(input);
  stream_->avail_in = static_cast<uInt>(input.size());
  std::array<Bytef, kPiece> piece;
  for (;;) {
    if (stream_ended_) {
      if (stream_->avail_in == 0) return Outcome::Done;
      ::inflateReset(stream_.get());
      stream_ended_ = false;
    }
    stream_->next_out = piece.data();
    stream_->avail_out = kPiece;
    const int status = ::inflate(stream_.get(), Z_SYNC_FLUSH);
    const std::size_t produced = kPiece - stream_->avail_out;
    const std::size_t fits = std::min(produced, out_max - out.size());
    out.append(reinterpret_cast<const char*>(piece.data()), fits);
    if (fits < produced) return Outcome::TooLarge;
    if (status == Z_STREAM_END) {
      stream_ended_ = true;
    } else if (status != Z_OK && status != Z_BUF_ERROR) {
      return Outcome::Malformed;
    } else if (stream_->avail_in == 0 && stream_->avail_out > 0) {
      return Outcome::Done;
    }
  }
}

MessageInflater::Outcome MessageInflater::finish(std::string& out, std::size_t out_max) {
  if (stream_ended_) return Outcome::Done;
  const Outcome outcome = feed(kTail, out, out_max);
  if (outcome != Outcome::Done) return outcome;
  const bool is_whole = stream_ended_ || (stream_->data_type & kAtBlockBoundary) != 0;
  return is_whole ? Outcome::Done : Outcome::Malformed;
}

MessageDeflater::MessageDeflater() : stream_{new z_stream_s{}} {
  if (::deflateInit2(stream_.get(), kDeflateLevel, Z_DEFLATED, -kDeflateWindowBits, kDeflateMemory,
                     Z_DEFAULT_STRATEGY) != Z_OK) {
    throw std::bad_alloc{};
  }
}

std::string MessageDeflater::deflate(std::string_view payload) {
  ::deflateReset(stream_.get());
  std::string out;
  // Twelve bytes more than zlib's bound: the flush and what is left out again.
  out.resize(::deflateBound(stream_.get(), payload.size()) + 12);
  stream_->next_in = bytes_of(payload);
  stream_->avail_in = static_cast<uInt>(payload.size());
  stream_->next_out = reinterpret_cast<Bytef*>(out.data());
  stream_->avail_out = static_cast<uInt>(out.size());
  ::deflate(stream_.get(), Z_SYNC_FLUSH);
  out.resize(out.size() - stream_->avail_out);
  if (std::string_view{out}.ends_with(kTail)) out.resize(out.size() - kTail.size());
  return out;
}

}  // namespace kavach::http
