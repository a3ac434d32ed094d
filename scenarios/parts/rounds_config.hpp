#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "algorithms/sdk/fields.hpp"
#include "algorithms/sdk/selector.hpp"

namespace skerry::parts {

/// `select` of a scenario: who takes part in a round.
struct SelectConfig {
  std::optional<double> fraction;
  std::optional<std::uint32_t> count;
  Choice<Selector> selector{.name = "uniform"};

  template <class V>
  void fields(V& v) {
    v("fraction", fraction,
      {.meaning = "C: cohort = max(1, round half up of C * edges)", .min = 0, .max = 1});
    v("count", count, {.meaning = "edges in a cohort, instead of a fraction", .min = 1});
    v.beside("name", selector);
  }
  void check(FieldReader& reader) const;
  /// Size of the cohort among that many edges; all of them where nothing is said.
  std::uint32_t cohort(std::uint32_t edges) const;
};

enum class Mode : std::uint8_t { kSync, kAsync };

struct RoundsConfig {
  Mode mode = Mode::kSync;
  std::optional<Duration> deadline;
  double over_select = 0;
  std::uint32_t minimum = 1;
  std::optional<std::uint32_t> concurrency;
  std::optional<std::uint32_t> start_with;

  template <class V>
  void fields(V& v) {
    v("mode", mode, {.meaning = "rounds, or a buffer that is stepped when full"});
    v("deadline", deadline, {.meaning = "an edge that has not answered by then is left out"});
    v("over_select", over_select,
      {.meaning = "sync: ask this share more edges and close when the cohort is full", .min = 0});
    v("minimum", minimum,
      {.meaning = "a round, or a step, with fewer updates changes nothing", .min = 1});
    v("concurrency", concurrency, {.meaning = "async: edges that train at a time", .min = 1});
    v("start_with", start_with,
      {.meaning = "live: begin when this many edges have joined; all where nothing is said",
       .min = 1});
  }
  void check(FieldReader& reader) const;
};

}  // namespace skerry::parts

namespace skerry {
template <>
struct EnumNames<parts::Mode> {
  static constexpr std::pair<parts::Mode, std::string_view> names[] = {
      {parts::Mode::kSync, "sync"}, {parts::Mode::kAsync, "async"}};
};
}  // namespace skerry
