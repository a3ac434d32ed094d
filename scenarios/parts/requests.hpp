#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "algorithms/sdk/fields.hpp"
#include "algorithms/sdk/time.hpp"
#include "datasets/node_data.hpp"
#include "scenarios/parts/channel.hpp"
#include "scenarios/role/effects.hpp"

namespace skerry::parts {

enum class Arrivals : std::uint8_t { kPoisson, kUniform };

/// `requests` of a scenario: what edges are asked.
struct RequestsConfig {
  std::optional<std::uint32_t> count;
  std::optional<Duration> duration;
  Arrivals arrivals = Arrivals::kPoisson;
  Duration interval = Duration::seconds(1);
  std::uint32_t waiting = 64;
  static constexpr double kMostRequests = 1e7;  // of an edge

  template <class V>
  void fields(V& v) {
    v("count", count, {.meaning = "requests of each edge", .min = 1, .max = kMostRequests});
    v("duration", duration, {.meaning = "how long requests come, instead of a count"});
    v("arrivals", arrivals,
      {.meaning = "at random, or evenly from a random start; drawn for each edge"});
    v("interval", interval, {.meaning = "mean time between two requests of one edge"});
    v("waiting", waiting,
      {.meaning = "requests from outside that an edge works on at a time; more are refused",
       .min = 1});
  }
  void check(FieldReader& reader) const;
};

/// When each edge is asked: a function of the seed, the same in every phase, on every machine,
/// simulated or live. A value type; const calls may run concurrently.
class ArrivalTimes {
 public:
  ArrivalTimes(const RequestsConfig& config, std::uint64_t seed) : config_(config), seed_(seed) {}

  /// When request `index` of an edge comes, counted from the first moment of its phase; nothing
  /// when there are no more. Draws from the stream "requests" of (edge, index).
  /// @param before  when request index - 1 came; zero for the first.
  std::optional<Duration> next(NodeId edge, std::uint32_t index, Duration before) const;
  /// How many requests an edge gets. Cost: one draw per request if a duration is given.
  std::uint32_t count(NodeId edge) const;

 private:
  RequestsConfig config_;
  std::uint64_t seed_;
};

/// Which of `size` examples request `index` is about: each edge starts at its own share of them and
/// goes round. 0 where there are none.
std::uint32_t requested_row(NodeId edge, std::uint32_t edges, std::uint32_t index,
                            std::size_t size);

/// The requests that a scenario draws: when each edge is asked, and about which example. An edge is
/// asked about its own test examples; where it holds none, about those of the source. Outlives what
/// refers to it. Const calls may run at once.
class Requests {
 public:
  /// @param edges  of the scenario.
  Requests(const RequestsConfig& config, const datasets::NodeData& data, std::uint64_t seed,
           std::uint32_t edges)
      : config_(config), data_(data), times_(config, seed), edges_(edges) {}

  const RequestsConfig& config() const { return config_; }
  const ArrivalTimes& times() const { return times_; }
  /// The examples that an edge can be asked about, and how many they are. `scratch` as in
  /// NodeData::view().
  View view(NodeId edge, std::vector<std::uint32_t>& scratch) const;
  std::size_t rows(NodeId edge) const;
  /// How many requests an edge gets in a phase: none where it has no rows.
  std::uint32_t count(NodeId edge) const { return rows(edge) == 0 ? 0 : times_.count(edge); }
  /// Which row of the edge's view request `index` is about.
  std::uint32_t row(NodeId edge, std::uint32_t index) const {
    return requested_row(edge, edges_, index, rows(edge));
  }

 private:
  bool has_own_rows(NodeId edge) const;

  RequestsConfig config_;
  const datasets::NodeData& data_;
  ArrivalTimes times_;
  std::uint32_t edges_;
};

/// Draws the requests of one edge, phase by phase, with one timer. The same in both drivers: a role
/// needs nobody to ask it.
class RequestClock {
 public:
  /// @param channel  of its timer, and of nothing else.
  RequestClock(const Requests& requests, NodeId edge, Channel channel)
      : requests_(requests), edge_(edge), timer_(channel.timer(0)) {}

  /// A new phase begins: counts from 0, and sets the timer for the first request where there is
  /// one.
  void begin(SimTime now, role::Effects& effects);
  /// The index of the request that has come with this timer, or nothing. Its owner deals with it,
  /// and then calls await_next().
  std::optional<std::uint32_t> take(std::uint64_t timer);
  /// Sets the timer for the request after the last one, or cancels it where there is none.
  void await_next(role::Effects& effects);

  /// How many have come in this phase, and whether more will.
  std::uint32_t drawn() const { return drawn_; }
  bool more_to_come() const { return more_; }

  template <class A>
  void archive(A& a) {
    a(drawn_, began_, last_, more_);
  }

 private:
  const Requests& requests_;
  NodeId edge_;
  std::uint64_t timer_;
  std::uint32_t drawn_ = 0;
  SimTime began_;
  Duration last_;  // when the last one came or will come, since the phase began
  bool more_ = false;
};

}  // namespace skerry::parts

namespace skerry {
template <>
struct EnumNames<parts::Arrivals> {
  static constexpr std::pair<parts::Arrivals, std::string_view> names[] = {
      {parts::Arrivals::kPoisson, "poisson"}, {parts::Arrivals::kUniform, "uniform"}};
};
}  // namespace skerry
