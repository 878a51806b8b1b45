#include "market/holidays.h"

#include <array>
#include <chrono>

namespace kavach::market {
namespace {

using namespace std::chrono_literals;

// What a day does to the exchanges; most holidays leave commodities their evening session.
enum class Kind {
  Evening,     ///< cash, equity and currency derivatives closed; commodities from 17:00
  AllClosed,   ///< commodities too
  Muhurat,     ///< closed but for the hour of Muhurat trading
  Settlement,  ///< trading as usual
  FullDay,     ///< a weekend day on which everything but currency trades normal hours
  MuhuratOnly  ///< a weekend day with only the Muhurat hour
};

struct Day {
  Date date;
  const char* description;
  Kind kind;
  std::chrono::minutes muhurat{};  ///< start, after midnight
};

constexpr std::array kDays{
    Day{2025y / 2 / 1, "Union Budget Session", Kind::FullDay},
    Day{2025y / 2 / 19, "Chhatrapati Shivaji Maharaj Jayanti", Kind::Settlement},
    Day{2025y / 2 / 26, "Mahashivratri", Kind::Evening},
    Day{2025y / 3 / 14, "Holi", Kind::Evening},
    Day{2025y / 3 / 31, "Id-Ul-Fitr", Kind::Evening},
    Day{2025y / 4 / 1, "Annual Bank Closing", Kind::Settlement},
    Day{2025y / 4 / 10, "Shri Mahavir Jayanti", Kind::Evening},
    Day{2025y / 4 / 14, "Dr. Baba Saheb Ambedkar Jayanti", Kind::Evening},
    Day{2025y / 4 / 18, "Good Friday", Kind::AllClosed},
    Day{2025y / 5 / 1, "Maharashtra Day", Kind::Evening},
    Day{2025y / 5 / 12, "Buddha Pournima", Kind::Settlement},
    Day{2025y / 8 / 15, "Independence Day", Kind::AllClosed},
    Day{2025y / 8 / 27, "Ganesh Chaturthi", Kind::Evening},
    Day{2025y / 9 / 5, "Id-E-Milad", Kind::Settlement},
    Day{2025y / 10 / 2, "Mahatma Gandhi Jayanti and Dussehra", Kind::AllClosed},
    Day{2025y / 10 / 21, "Diwali Laxmi Pujan (Muhurat Trading)", Kind::Muhurat, 13h + 45min},
    Day{2025y / 10 / 22, "Diwali Balipratipada", Kind::Evening},
    Day{2025y / 11 / 5, "Prakash Gurpurb Sri Guru Nanak Dev", Kind::Evening},
    Day{2025y / 12 / 25, "Christmas", Kind::AllClosed},

    Day{2026y / 1 / 15, "Municipal Corporation Elections in Maharashtra", Kind::Evening},
    Day{2026y / 1 / 26, "Republic Day", Kind::AllClosed},
    Day{2026y / 2 / 1, "Union Budget Session", Kind::FullDay},
    Day{2026y / 2 / 19, "Chhatrapati Shivaji Maharaj Jayanti", Kind::Settlement},
    Day{2026y / 3 / 3, "Holi", Kind::Evening},
    Day{2026y / 3 / 26, "Shri Ram Navami", Kind::Evening},
    Day{2026y / 3 / 31, "Shri Mahavir Jayanti", Kind::Evening},
    Day{2026y / 4 / 1, "Annual Bank Closing", Kind::Settlement},
    Day{2026y / 4 / 3, "Good Friday", Kind::AllClosed},
    Day{2026y / 4 / 14, "Dr. Baba Saheb Ambedkar Jayanti", Kind::Evening},
    Day{2026y / 5 / 1, "Maharashtra Day", Kind::Evening},
    Day{2026y / 5 / 28, "Bakri Id", Kind::Evening},
    Day{2026y / 6 / 26, "Muharram", Kind::Evening},
    Day{2026y / 9 / 14, "Ganesh Chaturthi", Kind::Evening},
    Day{2026y / 10 / 2, "Mahatma Gandhi Jayanti", Kind::AllClosed},
    Day{2026y / 10 / 20, "Dussehra", Kind::Evening},
    Day{2026y / 11 / 8, "Diwali Laxmi Pujan (Muhurat Trading)", Kind::MuhuratOnly, 18h},
    Day{2026y / 11 / 10, "Diwali Balipratipada", Kind::Evening},
    Day{2026y / 11 / 24, "Prakash Gurpurb Sri Guru Nanak Dev", Kind::Evening},
    Day{2026y / 12 / 25, "Christmas", Kind::AllClosed},

    Day{2027y / 1 / 26, "Republic Day", Kind::Evening},
    Day{2027y / 2 / 19, "Chhatrapati Shivaji Maharaj Jayanti", Kind::Settlement},
    Day{2027y / 3 / 10, "Id-Ul-Fitr", Kind::Evening},
    Day{2027y / 3 / 22, "Holi", Kind::Evening},
    Day{2027y / 3 / 26, "Good Friday", Kind::AllClosed},
    Day{2027y / 4 / 1, "Annual Bank Closing", Kind::Settlement},
    Day{2027y / 4 / 14, "Dr. Baba Saheb Ambedkar Jayanti", Kind::Evening},
    Day{2027y / 4 / 15, "Shri Ram Navami", Kind::Evening},
    Day{2027y / 4 / 19, "Shri Mahavir Jayanti", Kind::Evening},
    Day{2027y / 5 / 17, "Bakri Id", Kind::Evening},
    Day{2027y / 6 / 16, "Muharram", Kind::Evening},
    Day{2027y / 10 / 29, "Diwali Laxmi Pujan (Muhurat Trading)", Kind::Muhurat, 18h},
};

constexpr std::array kEquity{Exchange::Nse, Exchange::Bse, Exchange::Nfo, Exchange::Bfo};
constexpr std::array kCurrency{Exchange::Cds, Exchange::Bcd};
constexpr std::array kCommodity{Exchange::Mcx, Exchange::Nco};
constexpr auto kEveningOpen = 17h;
constexpr auto kEveningClose = 23h + 55min;

template <std::size_t kCount>
void close(Holiday& day, const std::array<Exchange, kCount>& exchanges) {
  day.closed.insert(day.closed.end(), exchanges.begin(), exchanges.end());
}

template <std::size_t kCount>
void open(Holiday& day, const std::array<Exchange, kCount>& exchanges, std::chrono::minutes from,
          std::chrono::minutes to) {
  for (const Exchange exchange : exchanges) {
    day.open.push_back({exchange, from_ist(day.date, from), from_ist(day.date, to)});
  }
}

Holiday expand(const Day& day) {
  Holiday out{.date = day.date, .description = day.description};
  switch (day.kind) {
    case Kind::Evening:
      close(out, kEquity);
      close(out, kCurrency);
      open(out, kCommodity, kEveningOpen, kEveningClose);
      break;
    case Kind::AllClosed:
      close(out, kEquity);
      close(out, kCurrency);
      close(out, kCommodity);
      break;
    case Kind::Muhurat:
    case Kind::MuhuratOnly:
      if (day.kind == Kind::MuhuratOnly) out.type = HolidayType::SpecialSession;
      open(out, kEquity, day.muhurat, day.muhurat + 1h);
      open(out, kCommodity, day.muhurat, day.muhurat + 1h);
      open(out, kCurrency, day.muhurat, day.muhurat + 1h);
      break;
    case Kind::Settlement:
      out.type = HolidayType::SettlementHoliday;
      break;
    case Kind::FullDay:
      out.type = HolidayType::SpecialSession;
      open(out, kEquity, 9h + 15min, 15h + 30min);
      open(out, kCommodity, 9h, 17h);
      break;
  }
  return out;
}

}  // namespace

std::vector<Holiday> builtin_holidays() {
  std::vector<Holiday> out;
  out.reserve(kDays.size());
  for (const Day& day : kDays) out.push_back(expand(day));
  return out;
}

}  // namespace kavach::market
