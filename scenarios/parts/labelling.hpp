#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "algorithms/sdk/fields.hpp"
#include "algorithms/sdk/time.hpp"
#include "scenarios/parts/asked_people.hpp"
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
  std::uint64_t waiting = 10'000;

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
    v("waiting", waiting,
      {.meaning = "live, where people label: examples that wait for them at a time; no more are "
                  "asked about",
       .min = 1});
  }
  void check(FieldReader& reader) const;
};

/// "30 s after the question, 1 each, 500 at most, 0.1 of them wrong".
std::string in_words(const LabellingConfig& config);
/// How many labels can be bought at all; nothing where there is no limit.
std::optional<std::uint64_t> limit_of(const LabellingConfig& config);

/// What the labeller says of an example whose true class is `truth`: another class, each equally
/// likely, in a share `error_rate` of the examples. A function of its arguments: who asks twice is
/// told the same again. Drawn from the stream (seed, "labels", node, row).
struct Labeller {
  double error_rate = 0;
  std::uint32_t classes = 0;
  std::uint64_t seed = 0;
  std::int32_t label(std::int32_t truth, NodeId node, std::uint32_t row) const;
};

/// Buys labels, for money and not for ever: of an oracle, which answers late and not always
/// rightly, or of people. The oracle works on questions in the order in which they come. People say
/// what they want when they want; what they were asked is paid for.
///
/// Memory: the rows of questions that are open, and what AskedPeople remembers.
class Labelling {
 public:
  Labelling(const LabellingConfig& config, Channel channel) : config_(config), channel_(channel) {}

  /// Asks for the labels of these examples, as far as the budget goes: the first ones. What is
  /// bought is spent at once. Sets a timer for the answer, or notes that people were asked: then
  /// the caller must ask them.
  /// Returns how many were bought.
  std::uint32_t ask(Examples examples, SimTime now, role::Effects& effects);
  /// The timer is one of this part's: these examples have their labels now.
  std::optional<Examples> on_timer(std::uint64_t timer);
  bool owns(std::uint64_t timer) const { return channel_.owns(timer); }
  /// These were not asked about, since nobody could say what they are.
  void leave_out(std::uint64_t examples) { refused_ += examples; }

  /// From now on people are asked.
  void people_label();
  bool by_people() const { return people_.has_value(); }
  /// Somebody says of which class an example is. Its question is answered if this is kLabel.
  AskedPeople::Said hear(NodeId node, std::uint32_t position, std::int32_t label);
  /// Rows that people wrote, and that say no label.
  void could_not_read(std::uint64_t rows) { heard_.faulty += rows; }
  const AskedPeople* people() const { return people_ ? &*people_ : nullptr; }

  std::uint64_t bought() const { return bought_; }
  double spent() const { return static_cast<double>(bought_) * config_.price; }
  /// Labels that can still be bought; nothing where there is no limit.
  std::optional<std::uint64_t> left() const;
  /// Examples of which no label was bought: nothing was left to spend, too many waited for people,
  /// or nobody knew.
  std::uint64_t refused() const { return refused_; }
  /// Examples whose labels are still to come.
  std::uint64_t open() const { return open_; }
  void record(std::uint64_t step, role::Effects& effects) const;
  static void declare(role::Results& results);

  template <class A>
  void archive(A& a) {
    a(busy_until_, questions_, next_question_, bought_, refused_, open_, people_, heard_);
  }

 private:
  /// What people said.
  struct Heard {
    std::uint64_t labels = 0, again = 0, other = 0, unknown = 0, faulty = 0;
    template <class A>
    void archive(A& a) {
      a(labels, again, other, unknown, faulty);
    }
  };
  LabellingConfig config_;
  Channel channel_;
  SimTime busy_until_;
  std::map<std::uint64_t, Examples> questions_;  // by number, which is its timer's subject
  std::uint64_t next_question_ = 1;
  std::uint64_t bought_ = 0;
  std::uint64_t refused_ = 0;
  std::uint64_t open_ = 0;
  std::optional<AskedPeople> people_;
  Heard heard_;
};

}  // namespace skerry::parts
