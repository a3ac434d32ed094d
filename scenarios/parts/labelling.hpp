#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "algorithms/sdk/fields.hpp"
#include "algorithms/sdk/time.hpp"
#include "scenarios/parts/channel.hpp"
#include "scenarios/role/effects.hpp"
#include "scenarios/role/results.hpp"

namespace skerry::parts {

/// `labels` of a scenario: what it takes to learn the true class of an example.
struct LabellingConfig {
  Duration delay;
  Duration each;
  double price = 1;
  double error_rate = 0;
  std::optional<double> budget;
  std::optional<std::uint64_t> most;

  template <class V>
  void fields(V& v) {
    v("delay", delay, {.meaning = "from the question to the label, when nobody waits before it"});
    v("each", each, {.meaning = "work on one label: questions wait for those before them"});
    v("price", price, {.meaning = "of one label, in whatever the budget is counted in", .min = 0});
    v("error_rate", error_rate,
      {.meaning = "share of labels that are wrong, each some other class", .min = 0, .max = 1});
    v("budget", budget,
      {.meaning = "no label is bought that would cost more than is left", .min = 0});
    v("most", most, {.meaning = "no more labels than that", .min = 1});
  }
  void check(FieldReader& reader) const;
};

/// How many labels can be bought at all; nothing where there is no limit.
std::optional<std::uint64_t> limit_of(const LabellingConfig& config);

/// Examples of one node: rows of its stream.
struct Examples {
  NodeId node;
  std::vector<std::uint32_t> rows;
  bool operator==(const Examples&) const = default;
  template <class A>
  void archive(A& a) {
    a(node, rows);
  }
};

/// What the labeller says of an example whose true class is `truth`: another class, each equally
/// likely, in a share `error_rate` of the examples. A function of its arguments: who asks twice is
/// told the same again. Drawn from the stream (seed, "labels", node, row).
struct Labeller {
  double error_rate = 0;
  std::uint32_t classes = 0;
  std::uint64_t seed = 0;
  std::int32_t label(std::int32_t truth, NodeId node, std::uint32_t row) const;
};

/// Buys labels: an oracle that answers late, for money, not always rightly, and not for ever. It
/// works on questions in the order in which they come.
///
/// Memory: the rows of questions that are open.
class Labelling {
 public:
  Labelling(const LabellingConfig& config, Channel channel) : config_(config), channel_(channel) {}

  /// Asks for the labels of these examples, as far as the budget goes: the first ones. What is
  /// bought is spent at once. Sets a timer for the answer.
  /// Returns how many were bought.
  std::uint32_t ask(Examples examples, SimTime now, role::Effects& effects);
  /// The timer is one of this part's: these examples have their labels now.
  std::optional<Examples> on_timer(std::uint64_t timer);
  bool owns(std::uint64_t timer) const { return channel_.owns(timer); }

  std::uint64_t bought() const { return bought_; }
  double spent() const { return static_cast<double>(bought_) * config_.price; }
  /// Labels that can still be bought; nothing where there is no limit.
  std::optional<std::uint64_t> left() const;
  /// Examples that were asked about and not bought.
  std::uint64_t refused() const { return refused_; }
  /// Examples whose labels are still to come.
  std::uint64_t open() const { return open_; }
  void record(std::uint64_t step, role::Effects& effects) const;
  static void declare(role::Results& results);

  template <class A>
  void archive(A& a) {
    a(busy_until_, questions_, next_question_, bought_, refused_, open_);
  }

 private:
  LabellingConfig config_;
  Channel channel_;
  SimTime busy_until_;
  std::map<std::uint64_t, Examples> questions_;  // by number, which is its timer's subject
  std::uint64_t next_question_ = 1;
  std::uint64_t bought_ = 0;
  std::uint64_t refused_ = 0;
  std::uint64_t open_ = 0;
};

}  // namespace skerry::parts
