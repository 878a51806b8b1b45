#include "app/market_floor.h"

#include <array>
#include <fstream>

#include "core/text.h"
#include "market/builtin_universe.h"
#include "market/kite_instruments.h"

namespace kavach::app {
namespace {

paper::MarketHours hours_of(const Settings& settings) {
  return settings.text(Setting::PaperMarketHours) == "exchange" ? paper::MarketHours::Exchange
                                                                : paper::MarketHours::Always;
}

// A number is taken as it is; other text is folded to one, so that a word can be a seed too.
std::uint64_t seed_of(const Settings& settings, TimePoint now) {
  const std::string& text = settings.text(Setting::PaperSeed);
  if (const auto number = parse_int(text)) return static_cast<std::uint64_t>(*number);
  std::uint64_t seed = 14'695'981'039'346'656'037ULL;
  for (const char c : text.empty() ? date_text(ist(now).date) : text) {
    seed = (seed ^ static_cast<unsigned char>(c)) * 1'099'511'628'211ULL;
  }
  return seed;
}

Result<market::KiteDump> load_dump(const std::string& file) {
  std::ifstream stream{file, std::ios::binary};
  if (!stream) return fail(ErrorCode::InvalidInput, "INSTRUMENTS_FILE: cannot read " + file + ".");
  market::KiteInstrumentLoader loader;
  std::array<char, 65'536> piece{};
  while (stream.read(piece.data(), piece.size()) || stream.gcount() > 0) {
    const auto count = static_cast<std::size_t>(stream.gcount());
    if (auto fed = loader.feed({piece.data(), count}); !fed) return pass_on(fed);
  }
  return loader.finish();
}

}  // namespace

MarketFloor::MarketFloor(const Settings& settings, const Clock& clock, Logger& log)
    : settings_{settings}, clock_{clock}, log_{log} {}

Result<std::unique_ptr<MarketFloor>> MarketFloor::open(const Settings& settings, const Clock& clock,
                                                       Logger& log, std::uint64_t jitter_seed) {
  std::unique_ptr<MarketFloor> floor{new MarketFloor{settings, clock, log}};
  if (auto loaded = floor->load_instruments(); !loaded) return pass_on(loaded);
  floor->quotes_ = std::make_unique<paper::SimulatedMarket>(
      floor->instruments_, floor->calendar_, clock,
      paper::SimulatedMarketSettings{seed_of(settings, clock.now()), hours_of(settings)});
  floor->feed_ = std::make_unique<paper::SimulatedFeed>(*floor->quotes_);
  floor->hub_ = std::make_unique<market::FeedHub>(*floor->feed_, floor->instruments_, clock, floor->deliver_,
                                                  jitter_seed);
  return floor;
}

Result<void> MarketFloor::load_instruments() {
  const Date today = ist(clock_.now()).date;
  const std::string& file = settings_.text(Setting::InstrumentsFile);
  if (file.empty()) {
    instruments_.replace(market::InstrumentTable{market::builtin_universe(calendar_, today)});
  } else {
    auto dump = load_dump(file);
    if (!dump) return pass_on(dump);
    log_.info("instruments.loaded", {{"file", file}, {"rows", dump->rows}, {"skipped", dump->skipped}});
    instruments_.replace(market::InstrumentTable{std::move(dump->instruments)});
  }
  loaded_for_ = today;
  return {};
}

void MarketFloor::tick() {
  feed_->tick();
  hub_->poll();
}

void MarketFloor::roll_day() {
  if (ist(clock_.now()).date == loaded_for_) return;
  if (auto loaded = load_instruments(); !loaded) {
    log_.error("instruments.not_loaded", {{"message", loaded.error().message}, {"detail", loaded.error().detail}});
  }
}

}  // namespace kavach::app
