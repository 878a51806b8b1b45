// A floor for the same work with the library one would otherwise use: Boost.Beast as in its own examples,
// a queue per session and one write at a time, shared message texts, nothing guarded.

#include <boost/asio.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/src.hpp>
#include <boost/beast/websocket.hpp>
#include <array>
#include <atomic>
#include <cstdio>
#include <deque>
#include <thread>
#include <vector>

#include "fanout_server.h"

namespace kavach::bench {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using Text = std::shared_ptr<const std::string>;

class Session : public std::enable_shared_from_this<Session> {
 public:
  explicit Session(asio::ip::tcp::socket socket) : socket_{std::move(socket)} {}

  template <typename Ready>
  void open(Ready ready) {
    beast::http::async_read(socket_.next_layer(), input_, request_,
                            [self = shared_from_this(), ready](beast::error_code failed, std::size_t) {
                              if (!failed) self->accept(ready);
                            });
  }

  void send(const Text& text) {
    if (queued_ > kBehindBytes) return;
    queued_ += text->size();
    waiting_.push_back(text);
    if (waiting_.size() == 1) write();
  }

 private:
  template <typename Ready>
  void accept(Ready ready) {
    socket_.next_layer().set_option(asio::ip::tcp::no_delay{true});
    socket_.text(true);
    socket_.async_accept(request_, [self = shared_from_this(), ready](beast::error_code failed) {
      if (failed) return;
      int first = 0;
      int count = 0;
      std::sscanf(std::string{self->request_.target()}.c_str(), "/%d/%d", &first, &count);
      ready(self, first, count);
      self->read();
    });
  }
  void read() {
    socket_.async_read(input_, [self = shared_from_this()](beast::error_code failed, std::size_t) {
      if (failed) return;
      self->input_.clear();
      self->read();
    });
  }
  void write() {
    socket_.async_write(asio::buffer(*waiting_.front()), [self = shared_from_this()](beast::error_code failed, std::size_t) {
      if (failed) return;
      self->queued_ -= self->waiting_.front()->size();
      self->waiting_.pop_front();
      if (!self->waiting_.empty()) self->write();
    });
  }

  beast::websocket::stream<asio::ip::tcp::socket> socket_;
  beast::flat_buffer input_;
  beast::http::request<beast::http::empty_body> request_;
  std::deque<Text> waiting_;
  std::size_t queued_{0};
};

class BeastServer final : public FanOutServer {
 public:
  ~BeastServer() override {
    context_.stop();
    thread_.join();
  }

  std::uint16_t start() override {
    accept();
    thread_ = std::thread{[this] { context_.run(); }};
    return acceptor_.local_endpoint().port();
  }

  std::size_t subscribed() override { return subscribed_; }

  void publish(std::span<const Change> changes) override {
    std::atomic<bool> done{false};
    asio::post(context_, [&] {
      for (const Change& change : changes) {
        const auto text = std::make_shared<const std::string>(message(change));
        for (const auto& session : by_topic_[static_cast<std::size_t>(change.topic)]) session->send(text);
      }
      done = true;
      done.notify_one();
    });
    done.wait(false);
  }

 private:
  void accept() {
    acceptor_.async_accept([this](beast::error_code failed, asio::ip::tcp::socket socket) {
      if (failed) return;
      std::make_shared<Session>(std::move(socket))->open([this](const std::shared_ptr<Session>& session, int first, int count) {
        for (int topic = first; topic < first + count; ++topic) by_topic_[static_cast<std::size_t>(topic)].push_back(session);
        ++subscribed_;
      });
      accept();
    });
  }

  asio::io_context context_{1};
  asio::ip::tcp::acceptor acceptor_{context_, {asio::ip::address_v4::loopback(), 0}};
  std::array<std::vector<std::shared_ptr<Session>>, kTopics> by_topic_;
  std::atomic<std::size_t> subscribed_{0};
  std::thread thread_;
};

}  // namespace

std::unique_ptr<FanOutServer> beast_server() { return std::make_unique<BeastServer>(); }

}  // namespace kavach::bench
