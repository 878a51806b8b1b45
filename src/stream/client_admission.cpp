// How a client becomes somebody: keys are verified one after the other, and what was sent behind one waits.

#include <utility>

#include "stream/client.h"

namespace kavach::stream {

void Client::handle(Authenticate command, const std::string&) {
  if (command.api_key.empty()) {
    send(error_reply("AUTHENTICATION_ERROR", "API key is required"));
    return;
  }
  if (auto verdict = parts_.credentials.judge_key(command.api_key.reveal(), address_)) {
    decide(std::move(*verdict));
    return;
  }
  verify(std::move(command.api_key));
}

void Client::verify(Secret api_key) {
  verifying_ = true;
  parts_.credentials.verify_key(
      std::move(api_key), address_, [weak = weak_from_this(), home = home_](guard::KeyVerdict verdict) {
        home->with([&](Executor* executor) {
          if (executor == nullptr) return;
          executor->post([weak, verdict = std::move(verdict)]() mutable {
            const auto self = weak.lock();
            if (!self) return;
            self->verifying_ = false;
            self->decide(std::move(verdict));
            self->resume_waiting();
          });
        });
      });
}

void Client::decide(guard::KeyVerdict verdict) {
  using Outcome = guard::KeyVerdict::Outcome;
  if (closing_ || !connection_) return;
  switch (verdict.outcome) {
    case Outcome::Accepted:
      // Only a request can be signed: over the socket the key alone would be enough.
      if (parts_.credentials.signature_required(verdict.principal)) {
        send(error_reply("AUTHENTICATION_ERROR", "This API key works only with signed requests"));
        return;
      }
      admit(std::move(verdict.principal));
      return;
    case Outcome::Unknown:
    case Outcome::Expired:
      parts_.host.abuse(address_, "invalid_api_key", verdict.attempted);
      send(error_reply("AUTHENTICATION_ERROR", "Invalid API key"));
      return;
    case Outcome::AddressRefused:
      parts_.host.abuse(address_, "api_key_address", verdict.principal.credential_id);
      send(error_reply("AUTHENTICATION_ERROR", "This API key may not be used from your address"));
      return;
    case Outcome::Busy:
    case Outcome::Unavailable:
      send(error_reply("SERVER_ERROR", "The key cannot be checked right now; try again in a few seconds"));
      return;
  }
}

void Client::admit(identity::Principal principal) {
  // A second key on one socket keeps the first identity's subscriptions, so it must be the same user.
  if (principal_ && principal_->user != principal.user) {
    send(error_reply("AUTHENTICATION_ERROR", "This connection belongs to another user; open a new one"));
    return;
  }
  if (!principal_ && !parts_.host.authenticated(*this, principal)) {
    send(error_reply("AUTHENTICATION_ERROR", "Too many connections of this user; close one first"));
    close(CloseCode::TooMany, "too many connections");
    return;
  }
  principal_ = std::move(principal);
  last_useful_at_ = parts_.clock.monotonic();
  send(authenticated_reply(*principal_, parts_.broker));
}

void Client::resume_waiting() {
  while (!waiting_.empty() && !verifying_ && !closing_) {
    const std::string payload = std::move(waiting_.front());
    waiting_.pop_front();
    run(payload);
  }
}

}  // namespace kavach::stream
