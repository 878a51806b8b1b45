// The one place where the order of the defences is written. A reason stands with each line.

#include "app/gateway.h"
#include "guard/steps.h"

namespace kavach::app {
namespace {

std::vector<std::string> allowed_hosts(const Settings& settings) {
  auto hosts = settings.words(Setting::AllowedHosts);
  hosts.push_back(guard::host_name_of(guard::authority_of_origin(settings.text(Setting::HostServer))));
  return hosts;
}

}  // namespace

guard::PipelineParts Gateway::defence_order() {
  guard::PipelineParts parts;
  const auto head = [&](auto step) { parts.head_steps.push_back(std::move(step)); };
  const auto call = [&](auto step) { parts.call_steps.push_back(std::move(step)); };

  // Costs nobody but strangers anything, and only while the machine is far behind.
  parts.connection_steps.push_back(std::make_unique<guard::OverloadedStep>(defences_));

  // First, because every later step judges the client and not the proxy before it.
  head(std::make_unique<guard::AddressStep>(defences_));
  // A banned client costs nothing more than its head.
  head(std::make_unique<guard::BanStep>(defences_));
  // Before anything in the request is believed: a rebound name must not reach a route.
  head(std::make_unique<guard::HostStep>(defences_, guard::HostCheck{allowed_hosts(base_->settings)}));
  // Says how large a body may be, and how important the request is.
  head(std::make_unique<guard::RouteStep>(
      *router_, *cors_, static_cast<std::uint16_t>(base_->settings.integer(Setting::WebsocketPort))));

  // Last of the head: what cannot be served in time is refused before its body is read.
  head(std::make_unique<guard::SheddingStep>(defences_));

  // When the request is complete: slow bodies, however many, take nobody's place.
  parts.entry_steps.push_back(std::make_unique<guard::PlaceStep>(defences_));

  // What none of the steps above found a route for has a rate too.
  parts.unrouted_steps.push_back(std::make_unique<guard::UnroutedRateStep>(defences_));

  // The pipeline has authenticated by now. The rate comes first, also for what authentication refused,
  // so that guessing is limited by address and a caller by principal.
  call(std::make_unique<guard::RateStep>(defences_));
  call(std::make_unique<guard::AuthoriseStep>());
  call(std::make_unique<guard::CsrfStep>(defences_));

  parts.reply_steps.push_back(std::make_unique<guard::HeaderStep>(*headers_, *cors_));
  return parts;
}

}  // namespace kavach::app
