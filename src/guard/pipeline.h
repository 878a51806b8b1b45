#pragma once

// The one list of defences every request passes, and the only http::Handler of the gateway.
//
//   connection:                     load shedding
//   head, before the body is read:  client address, host, ban list, load shedding, route, CORS preflight
//   the whole request:              a place among those being handled
//   answers without a route:        rate by address
//   body:                           parse, authenticate, rate, authorise, CSRF
//   then the route's handler, and on the way back: headers, record
//
// A step answers "continue" or a finished refusal and knows nothing of its neighbours. Their order is
// written in `app/defence_order.cpp` and nowhere else.

#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "core/log.h"
#include "guard/call.h"
#include "guard/credentials.h"
#include "guard/load_shedding.h"
#include "guard/request_record.h"
#include "guard/router.h"
#include "http/handler.h"

namespace kavach::guard {

/// A refusal's stable token (docs/defences.md) and the reply that carries it out. Without a token it is an
/// answer like any other, only given early: a redirect, an allowed preflight.
struct Refused {
  std::string_view token;
  http::Response response;
  bool is_unrouted{false};  ///< answered for want of a route, or before one is looked for
};

/// What the head steps found out; travels with the request to the call steps.
struct Passage final : http::Admission {
  IpAddress client;
  bool secure{false};
  RouteMatch match;
  Monotonic admitted_at{};
  Standing standing{Standing::Stranger};
  std::optional<LoadShedder::Slot> slot;  ///< its place among the requests being handled
};

class HeadStep {
 public:
  virtual ~HeadStep() = default;
  [[nodiscard]] virtual std::optional<Refused> judge(const http::RequestHead& head, Passage& passage) = 0;
};

class CallStep {
 public:
  virtual ~CallStep() = default;
  [[nodiscard]] virtual std::optional<Refused> judge(Call& call, const Route& route) = 0;
};

/// Judges an answer that is given before a route, and so a rate, is known: 404, 405, a head that breaks
/// HTTP. A refusal takes that answer's place.
class UnroutedStep {
 public:
  virtual ~UnroutedStep() = default;
  [[nodiscard]] virtual std::optional<Refused> judge(const IpAddress& client, std::string_view path) = 0;
};

/// Judges a connection before anything is read from it.
class ConnectionStep {
 public:
  virtual ~ConnectionStep() = default;
  [[nodiscard]] virtual bool admits(const IpAddress& peer) = 0;
};

/// Adds headers to every reply, refusals included.
class ReplyStep {
 public:
  virtual ~ReplyStep() = default;
  /// `call` is absent for a request that was refused before it became one.
  virtual void finish(const http::RequestHead& head, const Passage& passage,
                      http::Response& response) = 0;
};

struct PipelineParts {
  std::vector<std::unique_ptr<ConnectionStep>> connection_steps;
  std::vector<std::unique_ptr<HeadStep>> head_steps;
  std::vector<std::unique_ptr<HeadStep>> entry_steps;
  std::vector<std::unique_ptr<UnroutedStep>> unrouted_steps;
  std::vector<std::unique_ptr<CallStep>> call_steps;
  std::vector<std::unique_ptr<ReplyStep>> reply_steps;
};

class Pipeline final : public http::Handler {
 public:
  Pipeline(PipelineParts parts, Credentials& credentials, RequestObserver& observer,
           const Clock& clock, Logger& log);

  bool admit_connection(const IpAddress& peer) override;
  std::optional<http::Response> admit(http::RequestHead& head) override;
  std::size_t body_bytes_max(const http::RequestHead& head) override;
  Task<http::Response> handle(http::Request request, Executor& executor) override;
  void refused(const IpAddress& peer, std::string_view reason, http::Response& refusal) override;
  void observe_waiting(std::size_t loop, Monotonic delay) override;
  void turned_away(const IpAddress& peer) override;

 private:
  struct Timing {
    Monotonic started{};
    Monotonic guarded{};
  };

  /// The refusal itself, or what an unrouted step puts in its place.
  Refused limited(Refused refused, const Passage& passage, std::string_view path);
  std::optional<Refused> enter(const http::RequestHead& head, Passage& passage);
  Task<std::optional<Refused>> guard_call(Call& call, const Route& route);
  Task<http::Response> run(Call& call, Passage& passage, Refused& refusal, Timing& timing);
  void finish(const http::RequestHead& head, const Passage& passage, http::Response& response);
  void record(const http::RequestHead& head, const Passage& passage, const Timing& timing,
              std::string_view token, int status, const Call* call = nullptr);

  PipelineParts parts_;
  Credentials& credentials_;
  RequestObserver& observer_;
  const Clock& clock_;
  Logger& log_;
};

}  // namespace kavach::guard
