#include "app/defence_settings.h"

namespace kavach::app {
namespace {

guard::RateSet rates_of(const Settings& settings) {
  guard::RateSet rates = guard::RateSet::defaults();
  const auto take = [&](guard::RateClass rate_class, Setting setting) {
    rates.of(rate_class) = *guard::Rates::parse(settings.text(setting));
  };
  take(guard::RateClass::Api, Setting::ApiRateLimit);
  take(guard::RateClass::Order, Setting::OrderRateLimit);
  take(guard::RateClass::SmartOrder, Setting::SmartOrderRateLimit);
  take(guard::RateClass::Greeks, Setting::GreeksRateLimit);
  take(guard::RateClass::Reset, Setting::ResetRateLimit);
  take(guard::RateClass::Webhook, Setting::WebhookRateLimit);
  take(guard::RateClass::ConsoleRead, Setting::ConsoleRateLimit);
  take(guard::RateClass::ConsoleWrite, Setting::ConsoleWriteRateLimit);
  take(guard::RateClass::ConsoleSensitive, Setting::ConsoleSensitiveRateLimit);
  take(guard::RateClass::Default, Setting::DefaultRateLimit);
  take(guard::RateClass::Unrouted, Setting::DefaultRateLimit);
  rates.of(guard::RateClass::Login) =
      guard::Rates::parse(settings.text(Setting::LoginRateLimitMin))
          ->and_also(*guard::Rates::parse(settings.text(Setting::LoginRateLimitHour)));
  return rates;
}

}  // namespace

guard::GuardValues guard_values(const Settings& settings) {
  guard::GuardValues values;
  values.auto_ban_enabled = settings.flag(Setting::AutoBanEnabled);
  values.repeat_offender_limit = settings.integer(Setting::RepeatOffenderLimit);
  values.rates = rates_of(settings);
  const auto rule = [&](guard::OffenceKind kind, Setting threshold, Setting ban) {
    values.offences.of(kind) = {settings.integer(threshold), settings.duration(ban)};
  };
  rule(guard::OffenceKind::InvalidApiKey, Setting::InvalidApiKeyThreshold, Setting::InvalidApiKeyBan);
  rule(guard::OffenceKind::NotFound, Setting::NotFoundThreshold, Setting::NotFoundBan);
  rule(guard::OffenceKind::FailedLogin, Setting::FailedLoginThreshold, Setting::FailedLoginBan);
  values.in_shadow(guard::Defence::Csrf) = !settings.flag(Setting::CsrfEnabled);
  return values;
}

guard::DefenceSettings defence_settings(const Settings& settings) {
  guard::DefenceSettings defences;
  defences.data_folder = settings.data_folder();
  defences.trusted_proxies = settings.cidrs(Setting::TrustedProxies);
  defences.allow_list = settings.cidrs(Setting::AllowList);
  defences.network_gateway = guard::default_gateway();
  defences.values = guard_values(settings);
  return defences;
}

}  // namespace kavach::app
