// Memory runs out at the nth allocation, for many n, in a process that signs somebody in, answers a WebSocket, opens a
// store, places orders, cancels, closes and exports. It ends with its message and status, and a restart finds
// everything it had acknowledged, once.
//
//     out_of_memory_test              the whole test
//     out_of_memory_test FOLDER NTH   one process of it

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <future>
#include <new>
#include <sstream>

#include "app/process_hardening.h"
#include "audit/audit_query.h"
#include "audit/audit_verify.h"
#include "identity/house.h"
#include "stream/stream_fixture.h"
#include "support/desk_harness.h"
#include "support/scripted_broker.h"

namespace {

std::atomic<std::int64_t> allocations_left{INT64_MAX};

void* allocate(std::size_t bytes) {
  if (allocations_left.fetch_sub(1, std::memory_order_relaxed) == 1) {
    if (const auto handler = std::get_new_handler()) handler();
    throw std::bad_alloc{};
  }
  if (void* found = std::malloc(bytes == 0 ? 1 : bytes)) return found;
  throw std::bad_alloc{};
}

}  // namespace

void* operator new(std::size_t bytes) { return allocate(bytes); }
void* operator new[](std::size_t bytes) { return allocate(bytes); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }

namespace kavach {
namespace {

using trading::Answer;
using trading::Placed;

/// A desk on a folder that outlives the process.
class Gateway {
 public:
  explicit Gateway(const std::filesystem::path& folder) {
    store::SqliteDatabase::Options options;
    options.durable = false;
    database_ = store::SqliteDatabase::open(folder / "kavach.db", options, Logger::silent()).value();
    const std::vector schemas{audit::audit_schema(), trading::trading_schema()};
    require(store::migrate(*database_, schemas).has_value(), "the store cannot be migrated");
    audit_ = audit::AuditChain::open(*database_, clock_, Logger::silent()).value();
    spool_ = std::make_unique<store::Spool>(folder / "exits.spool", Logger::silent(), 64 * 1024);
    instruments_.replace(market::InstrumentTable{test::test_instruments()});
    broker_.otherwise(test::ScriptedBroker::Place::AcceptAndFill);
    std::map<std::string, trading::Venue, std::less<>> venues;
    venues.emplace("paper", trading::Venue{&broker_, trading::RiskLimits::simulated(), Money::whole(10'000'000)});
    desk_ = std::make_unique<trading::JournalingDesk>(*database_, *audit_, *spool_, clock_, instruments_,
                                                      Logger::silent(), std::move(venues));
    require(desk_->start().has_value(), "the desk does not start");
  }

  Answer<Placed> place(trading::OrderRequest request) {
    if (request.price_type == trading::PriceType::Limit) broker_.next(test::ScriptedBroker::Place::Accept);
    std::promise<Answer<Placed>> answer;
    desk_->place(test::kTrader, test::kAccount, std::move(request),
                 [&](Answer<Placed> placed) { answer.set_value(std::move(placed)); });
    return answer.get_future().get();
  }
  Answer<Placed> cancel(const std::string& order_id) {
    std::promise<Answer<Placed>> answer;
    desk_->cancel(test::kTrader, test::kAccount, order_id,
                  [&](Answer<Placed> cancelled) { answer.set_value(std::move(cancelled)); });
    return answer.get_future().get();
  }
  void close_all() {
    std::promise<void> closed;
    desk_->close_all(test::kTrader, test::kAccount, {}, [&](const auto&) { closed.set_value(); });
    closed.get_future().get();
  }
  trading::Books books() {
    trading::Books copy;
    desk_->read_now(test::kAccount, [&](const trading::Books& books) { copy = books; });
    return copy;
  }
  std::size_t export_all() {
    std::size_t bytes = 0;
    const auto pieces = audit::begin_audit_export(
        *database_, [](const audit::ChainHead&) { return audit::SignedHead{}; }, {});
    require(audit::write_out(*pieces, [&](std::string_view piece) { return (bytes += piece.size()) > 0; }).has_value(),
            "the export fails");
    return bytes;
  }
  bool is_intact() {
    const auto verdict = audit::verify_audit(*database_, {});
    return verdict && verdict->intact();
  }

 private:
  ManualClock clock_{test::trading_morning()};
  market::Instruments instruments_;
  test::ScriptedBroker broker_;
  std::unique_ptr<store::Database> database_;
  std::unique_ptr<audit::AuditChain> audit_;
  std::unique_ptr<store::Spool> spool_;
  std::unique_ptr<trading::JournalingDesk> desk_;
};

void say(std::string_view word, std::string_view id) {
  char line[128];
  const int length = std::snprintf(line, sizeof line, "%.*s %.*s\n", static_cast<int>(word.size()), word.data(),
                                   static_cast<int>(id.size()), id.data());
  static_cast<void>(::write(STDOUT_FILENO, line, static_cast<std::size_t>(length)));
}

using House = identity::test::House;

/// A store of its own beside the desk's.
std::filesystem::path house_file(const std::filesystem::path& folder) { return folder / "house.db"; }

void sign_in(const std::filesystem::path& folder) {
  ManualClock clock{identity::test::market_open()};
  House house{house_file(folder), clock};
  house.add("ada");
  const auto outcome = identity::block_on(house.login.login("ada", identity::test::word(identity::test::kGood),
                                                            {identity::test::kHome, "Firefox on Linux", {}, "req"},
                                                            house.executor));
  if (const auto* success = std::get_if<identity::LoginSuccess>(&outcome)) say("session", success->session.token.reveal());
}

/// A socket that authenticates, subscribes and gets a price.
struct Socket : stream::ClientTest {
  void TestBody() override {}
  void converse() {
    Peer peer = make_admitted();
    peer.say(subscribe("SBIN"));
    peer.say(R"({"action":"subscribe_orders"})");
    peer.say("{ not json");
    executor.run();
    tick("SBIN", "820.5");
    if (peer.connection->sent.size() < 4) std::abort();
  }
};

int work(const std::filesystem::path& folder, std::int64_t nth) {
  app::end_when_out_of_memory();
  allocations_left = nth;
  sign_in(folder);
  Socket{}.converse();
  Gateway gateway{folder};
  for (int i = 0; i < 3; ++i) {
    if (const auto placed = gateway.place(test::buy("SBIN", 10))) say("filled", placed->order_id);
    auto resting = test::limit(test::buy("ITC", 10), "99");
    if (const auto placed = gateway.place(test::keyed(resting, "k" + std::to_string(i)))) {
      say("placed", placed->order_id);
      if (gateway.cancel(placed->order_id)) say("cancelled", placed->order_id);
    }
  }
  gateway.close_all();
  return gateway.export_all() > 0 ? 0 : 1;
}

struct Ended {
  int status;
  std::string said;
  std::string last_words;
};

Ended run_process(const std::filesystem::path& folder, std::int64_t nth) {
  const std::string out = folder / "out";
  const std::string err = folder / "err";
  const std::string command = std::filesystem::read_symlink("/proc/self/exe").string() + " " + folder.string() + " " +
                              std::to_string(nth) + " >" + out + " 2>" + err;
  const int status = std::system(command.c_str());
  const auto text_of = [](const std::string& path) {
    std::stringstream text;
    text << std::ifstream{path}.rdbuf();
    return text.str();
  };
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, text_of(out), text_of(err)};
}

void expect_acknowledged(const std::filesystem::path& folder, const Ended& ended, const std::string& where) {
  Gateway again{folder};
  const trading::Books books = again.books();
  ManualClock clock{identity::test::market_open()};
  House house{house_file(folder), clock};
  std::istringstream said{ended.said};
  for (std::string word, id; said >> word >> id;) {
    if (word == "session") {
      EXPECT_TRUE(house.sessions.find(id).has_value()) << where;
      continue;
    }
    const auto* order = books.find_order(id);
    ASSERT_NE(order, nullptr) << where << ": " << word << ' ' << id;
    if (word == "filled") EXPECT_EQ(order->status, trading::OrderStatus::Complete) << where;
    if (word == "cancelled") EXPECT_EQ(order->status, trading::OrderStatus::Cancelled) << where;
  }
  EXPECT_TRUE(again.is_intact()) << where;
  EXPECT_GT(again.export_all(), 0U) << where;
}

TEST(OutOfMemory, R40c_WhereverMemoryRunsOutTheProcessSaysSoAndARestartFindsWhatWasAcknowledged) {
  int ran_out = 0;
  // Every allocation at first, then in growing steps, until the work is done before memory runs out.
  for (std::int64_t nth = 1, step = 1; nth < 10'000'000; nth += step) {
    if (nth > 4) step = 1 + nth / 12;
    const test::TemporaryFolder folder;
    const Ended ended = run_process(folder.path(), nth);
    const std::string where = "allocation " + std::to_string(nth);
    if (ended.status == 0) break;
    ++ran_out;
    ASSERT_EQ(ended.status, app::kOutOfMemory) << where << ended.last_words;
    EXPECT_EQ(ended.last_words.rfind("kavach: out of memory", 0), 0U) << where << ended.last_words;
    ASSERT_NO_FATAL_FAILURE(expect_acknowledged(folder.path(), ended, where));
  }
  EXPECT_GT(ran_out, 20);
}

}  // namespace
}  // namespace kavach

int main(int argc, char** argv) {
  if (argc == 3) return kavach::work(argv[1], std::atoll(argv[2]));
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
