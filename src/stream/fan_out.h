#pragma once

// Delivers ticks to the clients that subscribed. A frame is serialised, and when a client that agreed on
// compression wants it compressed, once for each (instrument, mode) and shared; each I/O thread has a lane with the list of its own clients, so that delivering
// takes no lock and a client that stalls delays nobody on another thread, nor, because offering a
// frame never blocks, anybody on its own.
//
// `join` and `leave` are for the client's own I/O thread; `on_tick` for any.

#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/executor.h"
#include "core/guarded.h"
#include "http/websocket.h"
#include "http/websocket_deflate.h"
#include "market/feed_hub.h"

namespace kavach::stream {

struct Topic {
  market::InstrumentKey key;
  market::FeedMode mode{market::FeedMode::Quote};
  friend bool operator==(const Topic&, const Topic&) = default;
};

}  // namespace kavach::stream

template <>
struct std::hash<kavach::stream::Topic> {
  std::size_t operator()(const kavach::stream::Topic& topic) const noexcept {
    return std::hash<std::string>{}(topic.key.symbol) * 31U +
           static_cast<std::size_t>(topic.key.exchange) * 4U + static_cast<std::size_t>(topic.mode);
  }
};

namespace kavach::stream {

/// One price, encoded once for all who receive it. Prices are the only thing that is ever compressed:
/// they are public, so that nothing can be learned from how well they compress.
struct PriceFrames {
  http::SharedFrame plain;
  http::SharedFrame deflated;  ///< empty when nobody asked for it or it would not be smaller
};

/// Who receives frames, on its own I/O thread. `offer` must not block and must not join or leave.
class Receiver {
 public:
  virtual ~Receiver() = default;
  virtual void offer(const Topic& topic, const PriceFrames& frames) = 0;
  /// Whether it can read compressed frames; the same as long as it has joined anything.
  [[nodiscard]] virtual bool deflates() const = 0;
};

class FanOut final : public market::TickSubscriber, public std::enable_shared_from_this<FanOut> {
 public:
  /// `broker` is what the wire's messages name. The hub outlives the fan-out.
  FanOut(market::FeedHub& hub, std::string broker) : hub_{hub}, broker_{std::move(broker)} {}

  /// Fails as `FeedHub::subscribe` does. Joining twice is once.
  [[nodiscard]] Result<void> join(Executor& executor, const Topic& topic, Receiver& receiver);
  void leave(Executor& executor, const Topic& topic, Receiver& receiver);

  void on_tick(market::FeedMode mode, const market::TickPointer& tick) override;

  struct Stats {
    std::uint64_t frames_built{0};
    std::uint64_t frames_deflated{0};
    std::uint64_t frames_offered{0};
  };
  [[nodiscard]] Stats stats() const;

 private:
  struct Delivery {
    Topic topic;
    PriceFrames frames;
  };
  // Latest frame of each topic, in the order in which they began to wait, so that a thread that is late
  // finds at most one for each topic.
  struct Inbox {
    std::vector<Delivery> waiting;
    std::unordered_map<Topic, std::size_t> at;
  };
  // One per I/O thread. `receivers` belongs to that thread; `inbox` is shared with the tick's thread.
  struct Lane {
    explicit Lane(Executor& owner) : executor{owner} {}
    Executor& executor;
    std::unordered_map<Topic, std::vector<Receiver*>> receivers;
    Guarded<Inbox> inbox;
  };
  using Lanes = std::vector<std::shared_ptr<Lane>>;

  /// Who wants a topic.
  struct Audience {
    Lanes lanes;
    std::size_t deflating{0};  ///< receivers that read compressed frames
  };

  std::shared_ptr<Lane> lane_of(Executor& executor);
  void change_deflating(const Topic& topic, std::ptrdiff_t by);
  [[nodiscard]] PriceFrames encode(const market::Tick& tick, market::FeedMode mode, bool is_deflated_too);
  void drain(Lane& lane);

  market::FeedHub& hub_;
  const std::string broker_;
  /// Held while a topic's first lane comes or its last one goes, so that the hub is told in the same
  /// order. Never held while a tick is delivered.
  std::mutex membership_;
  Guarded<std::map<Executor*, std::shared_ptr<Lane>>> lanes_;
  Guarded<std::unordered_map<Topic, Audience>> directory_;
  Guarded<http::MessageDeflater> deflater_;
  std::atomic<std::uint64_t> frames_built_{0};
  std::atomic<std::uint64_t> frames_deflated_{0};
  std::atomic<std::uint64_t> frames_offered_{0};
};

}  // namespace kavach::stream
