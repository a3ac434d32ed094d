#include "datasets/attributes.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <optional>
#include <set>

#include "algorithms/sdk/printable.hpp"
#include "algorithms/sdk/problems.hpp"

namespace skerry::datasets {

namespace {

std::optional<double> number_in(std::string_view word) {
  if (word.starts_with('+')) word.remove_prefix(1);
  double value = 0;
  const auto [end, fault] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (fault == std::errc::invalid_argument || end != word.data() + word.size()) return std::nullopt;
  return fault == std::errc() ? value : HUGE_VAL;
}

// Calls visit(word, place) for the words of both files until it returns false.
template <class Visit>
void each_word(const ColumnWords& words, Visit visit) {
  for (const bool in_test : {false, true}) {
    const std::vector<std::string>& list = in_test ? words.test : words.train;
    for (std::size_t row = 0; row < list.size(); ++row) {
      if (!visit(list[row], WordPlace{in_test, row})) return;
    }
  }
}

bool holds_numbers(const ColumnWords& words) {
  bool numbers = false, only = true;
  each_word(words, [&](const std::string& word, WordPlace) {
    const bool missing = means_missing(word);
    numbers = numbers || (!missing && number_in(word));
    only = missing || number_in(word);
    return only;
  });
  return numbers && only;
}

void add_text(const std::string& text, RunningHash& hash) {
  hash.add(std::as_bytes(std::span(text)));
}

// Reads `digits` decimal digits at the front of the text.
std::optional<int> take_digits(std::string_view& text, std::size_t digits) {
  int value = 0;
  if (text.size() < digits) return std::nullopt;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + digits, value);
  if (fault != std::errc() || end != text.data() + digits || value < 0) return std::nullopt;
  text.remove_prefix(digits);
  return value;
}

bool take(std::string_view& text, char letter) {
  if (!text.starts_with(letter)) return false;
  text.remove_prefix(1);
  return true;
}

struct Date {
  int year = 0, month = 0, day = 0;
};

bool is_leap(int year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

bool is_in_calendar(const Date& date) {
  constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (date.month < 1 || date.month > 12 || date.day < 1) return false;
  return date.day <= kDays[date.month - 1] + (date.month == 2 && is_leap(date.year));
}

// Days from 1970-01-01 in the Gregorian calendar, for years from 0: of whole years that begin with
// March, so that a leap day is the last, and of the months since then, 153 days in each five.
int days_from_1970(const Date& date) {
  const int year = date.month > 2 ? date.year : date.year - 1;
  const int month = (date.month + 9) % 12;
  const int leap_days = year >= 0 ? year / 4 - year / 100 + year / 400 : -1;
  return 365 * year + leap_days + (153 * month + 2) / 5 + date.day - 1 - 719'468;
}

// `hh:mm`, in minutes.
std::optional<int> take_minutes(std::string_view& text) {
  const auto hours = take_digits(text, 2);
  if (!hours || *hours > 23 || !take(text, ':')) return std::nullopt;
  const auto minutes = take_digits(text, 2);
  if (!minutes || *minutes > 59) return std::nullopt;
  return *hours * 60 + *minutes;
}

// `:ss` or `:ss.fraction`, where there is one.
std::optional<double> take_seconds(std::string_view& text) {
  if (!take(text, ':')) return 0;
  const std::string_view begin = text;
  const auto whole = take_digits(text, 2);
  if (!whole || *whole > 59) return std::nullopt;
  if (take(text, '.')) {
    const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
    if (digits == 0) return std::nullopt;
    text.remove_prefix(digits);
  }
  return number_in(begin.substr(0, begin.size() - text.size()));
}

// `Z`, `+hh:mm` or `-hh:mm`, in minutes east of Greenwich; nothing is UTC.
std::optional<int> take_zone(std::string_view& text) {
  if (text.empty() || take(text, 'Z')) return 0;
  const bool east = take(text, '+');
  if (!east && !take(text, '-')) return std::nullopt;
  const auto minutes = take_minutes(text);
  if (!minutes) return std::nullopt;
  return east ? *minutes : -*minutes;
}

std::optional<double> seconds_of_day(std::string_view text) {
  const auto minutes = take_minutes(text);
  if (!minutes) return std::nullopt;
  const auto seconds = take_seconds(text);
  if (!seconds) return std::nullopt;
  const auto zone = take_zone(text);
  if (!zone || !text.empty()) return std::nullopt;
  return *seconds + 60.0 * (*minutes - *zone);
}

}  // namespace

bool means_missing(const std::string& word) {
  const auto value = number_in(word);
  return word == "NA" || (value && std::isnan(*value));
}

void add_to_hash(const Attributes& attributes, RunningHash& hash) {
  for (const AttributeColumn& column : attributes.columns) {
    add_text(column.name, hash);
    for (const std::string& level : column.levels) add_text(level, hash);
    if (column.categorical()) {
      hash.add(std::as_bytes(std::span(column.codes)));
    } else {
      hash.add(std::as_bytes(std::span(column.numbers)));
    }
  }
  if (!attributes.time_s.empty()) hash.add(std::as_bytes(std::span(attributes.time_s)));
}

Result<ColumnPair> column_of(const ColumnWords& words, WordPlace* at) {
  ColumnPair pair;
  pair.train.name = pair.test.name = words.name;
  if (holds_numbers(words)) {
    std::string fault;
    each_word(words, [&](const std::string& word, WordPlace place) {
      const double value = number_in(word).value_or(NAN);
      if (!std::isfinite(value)) {
        *at = place;
        fault = in_quotes(word) + (means_missing(word)
                                       ? " stands for a missing value, the others are numbers"
                                       : " is not a finite number");
        return false;
      }
      (place.in_test ? pair.test : pair.train).numbers.push_back(value);
      return true;
    });
    if (!fault.empty()) return Failure{fault};
    return pair;
  }
  return levels_of(words);
}

ColumnPair levels_of(const ColumnWords& words) {
  ColumnPair pair;
  pair.train.name = pair.test.name = words.name;
  std::set<std::string> distinct(words.train.begin(), words.train.end());
  distinct.insert(words.test.begin(), words.test.end());
  pair.train.levels.assign(distinct.begin(), distinct.end());
  pair.test.levels = pair.train.levels;
  each_word(words, [&](const std::string& word, WordPlace place) {
    const auto level = std::ranges::lower_bound(pair.train.levels, word);
    (place.in_test ? pair.test : pair.train)
        .codes.push_back(static_cast<std::uint32_t>(level - pair.train.levels.begin()));
    return true;
  });
  return pair;
}

Result<RecordedTime> parse_recorded_time(std::string_view text) {
  const std::string whole = in_quotes(text);
  if (const auto number = number_in(text)) {
    if (!std::isfinite(*number)) return Failure{whole + " is not a finite number of seconds"};
    return RecordedTime{.seconds = *number};
  }
  const Failure unreadable{whole +
                           " is neither a number of seconds nor a date such as 2017-05-01 or "
                           "2017-05-01T12:30:15"};
  const auto year = take_digits(text, 4);
  if (!year || !take(text, '-')) return unreadable;
  const auto month = take_digits(text, 2);
  if (!month || !take(text, '-')) return unreadable;
  const auto day = take_digits(text, 2);
  if (!day) return unreadable;
  const Date date{*year, *month, *day};
  if (!is_in_calendar(date)) return Failure{whole + " is a date that no calendar has"};
  RecordedTime time{.seconds = 86400.0 * days_from_1970(date), .is_date = true};
  if (text.empty()) return time;
  if (!take(text, 'T') && !take(text, ' ')) return unreadable;
  const auto of_day = seconds_of_day(text);
  if (!of_day) return unreadable;
  time.seconds += *of_day;
  return time;
}

std::string date_text(double seconds) {
  const double days = std::floor(seconds / 86400);
  const int of_day = static_cast<int>(seconds - 86400 * days);
  // Years begin with March here, as in days_from_1970(). The guess is some years too late.
  const int since = static_cast<int>(days) + 719'468;
  int year = since / 365 + 1;
  const auto march = [](int y) { return days_from_1970({y, 3, 1}) + 719'468; };
  while (march(year) > since) --year;
  const int day_of_year = since - march(year);
  const int month = (5 * day_of_year + 2) / 153;
  const int day = day_of_year - (153 * month + 2) / 5 + 1;
  char text[48];
  const int size = std::snprintf(text, sizeof text, "%04d-%02d-%02d", month < 10 ? year : year + 1,
                                 month < 10 ? month + 3 : month - 9, day);
  if (of_day > 0) {
    std::snprintf(text + size, sizeof text - static_cast<std::size_t>(size), "T%02d:%02d:%02d",
                  of_day / 3600, of_day / 60 % 60, of_day % 60);
  }
  return text;
}

}  // namespace skerry::datasets
