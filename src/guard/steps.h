#pragma once

// The pipeline's steps: thin adapters from a request to one policy each. Their order is written in
// app/defence_order.cpp.

#include "guard/cors.h"
#include "guard/csrf.h"
#include "guard/defences.h"
#include "guard/host_check.h"
#include "guard/pipeline.h"
#include "guard/refusals.h"
#include "guard/security_headers.h"

namespace kavach::guard {

/// Establishes the canonical client address.
class AddressStep final : public HeadStep {
 public:
  explicit AddressStep(Defences& defences) : defences_{defences} {}
  std::optional<Refused> judge(const http::RequestHead& head, Passage& passage) override;

 private:
  Defences& defences_;
};

/// Under a flood, does not take connections whose requests would be refused anyway.
class OverloadedStep final : public ConnectionStep {
 public:
  explicit OverloadedStep(Defences& defences) : defences_{defences} {}
  bool admits(const IpAddress& peer) override;

 private:
  Defences& defences_;
};

/// Turns banned addresses away before their body is read.
class BanStep final : public HeadStep {
 public:
  explicit BanStep(Defences& defences) : defences_{defences} {}
  std::optional<Refused> judge(const http::RequestHead& head, Passage& passage) override;

 private:
  Defences& defences_;
};

/// Refuses names the operator did not configure.
class HostStep final : public HeadStep {
 public:
  HostStep(Defences& defences, HostCheck check) : defences_{defences}, check_{std::move(check)} {}
  std::optional<Refused> judge(const http::RequestHead& head, Passage& passage) override;

 private:
  Defences& defences_;
  HostCheck check_;
};

/// Finds the row, or answers 404, 405, a redirect or a CORS preflight.
class RouteStep final : public HeadStep {
 public:
  /// Requests on `websocket_port` (0: none) go to the row `/ws` whatever their path.
  RouteStep(const Router& router, const Cors& cors, std::uint16_t websocket_port)
      : router_{router}, cors_{cors}, websocket_port_{websocket_port} {}
  std::optional<Refused> judge(const http::RequestHead& head, Passage& passage) override;

 private:
  const Router& router_;
  const Cors& cors_;
  const std::uint16_t websocket_port_;
};

/// Gives a complete request a place among those being handled; of these there are only so many.
class PlaceStep final : public HeadStep {
 public:
  explicit PlaceStep(Defences& defences) : defences_{defences} {}
  std::optional<Refused> judge(const http::RequestHead& head, Passage& passage) override;

 private:
  Defences& defences_;
};

/// Refuses the least important requests when the machine cannot keep up.
class SheddingStep final : public HeadStep {
 public:
  explicit SheddingStep(Defences& defences) : defences_{defences} {}
  std::optional<Refused> judge(const http::RequestHead& head, Passage& passage) override;

 private:
  Defences& defences_;
};

/// Counts what is answered without a route, by address.
class UnroutedRateStep final : public UnroutedStep {
 public:
  explicit UnroutedRateStep(Defences& defences) : defences_{defences} {}
  std::optional<Refused> judge(const IpAddress& client, std::string_view path) override;

 private:
  Defences& defences_;
};

/// Counts authenticated callers by principal and everybody else by address.
class RateStep final : public CallStep {
 public:
  explicit RateStep(Defences& defences) : defences_{defences} {}
  std::optional<Refused> judge(Call& call, const Route& route) override;

 private:
  Defences& defences_;
};

/// Scope of a key, role of a user.
class AuthoriseStep final : public CallStep {
 public:
  std::optional<Refused> judge(Call& call, const Route& route) override;
};

/// What a session changes must come from our own page and carry its token.
class CsrfStep final : public CallStep {
 public:
  explicit CsrfStep(Defences& defences) : defences_{defences} {}
  std::optional<Refused> judge(Call& call, const Route& route) override;

 private:
  Defences& defences_;
};

/// Security headers and CORS on every reply.
class HeaderStep final : public ReplyStep {
 public:
  HeaderStep(const SecurityHeaders& headers, const Cors& cors) : headers_{headers}, cors_{cors} {}
  void finish(const http::RequestHead& head, const Passage& passage, http::Response& response) override;

 private:
  const SecurityHeaders& headers_;
  const Cors& cors_;
};

}  // namespace kavach::guard
