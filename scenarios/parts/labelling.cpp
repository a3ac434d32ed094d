#include "scenarios/parts/labelling.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "algorithms/sdk/printable.hpp"
#include "algorithms/sdk/random.hpp"

namespace skerry::parts {

void LabellingConfig::check(FieldReader& reader) const {
  if (delay < Duration()) reader.error("delay", "is negative");
  if (each < Duration()) reader.error("each", "is negative");
  if (budget && price == 0) {
    reader.error("budget", "means nothing where \"price\" is 0: say \"most\"");
  }
  if (budget && price > 0 && *budget < price) {
    reader.error("budget", "does not buy one label");
  } else if (budget && most) {
    const std::uint64_t bought = *limit_of({.price = price, .budget = budget});
    if (bought < *most) {
      reader.error("most", "has no effect: \"budget\" buys " + std::to_string(bought));
    } else if (bought > *most) {
      reader.error("budget", "has no effect: \"most\" is " + std::to_string(*most) +
                                 ", and it buys " + std::to_string(bought));
    }
  }
}

std::string in_words(const LabellingConfig& config) {
  std::string words = config.delay == Duration() && config.each == Duration()
                          ? "at once"
                          : to_string(config.delay + config.each) + " after the question";
  words += ", " + number_text(config.price) + " each";
  if (const auto most = limit_of(config)) words += ", " + std::to_string(*most) + " at most";
  if (config.error_rate > 0) words += ", " + number_text(config.error_rate) + " of them wrong";
  return words;
}

std::int32_t Labeller::label(std::int32_t truth, NodeId node, std::uint32_t row) const {
  if (error_rate <= 0 || classes < 2) return truth;
  RandomStream random(seed, "labels", node, static_cast<Round>(row));
  if (random.uniform() >= error_rate) return truth;
  const auto other = static_cast<std::int32_t>(random.below(classes - 1));
  return other + (other >= truth ? 1 : 0);
}

std::optional<std::uint64_t> limit_of(const LabellingConfig& config) {
  std::optional<std::uint64_t> limit = config.most;
  if (config.budget && config.price > 0) {
    // 0.3 buys three labels of 0.1, which in binary is a little more than a third of it.
    const double affordable = std::floor(*config.budget / config.price * (1 + 1e-12));
    const auto bound = static_cast<std::uint64_t>(std::clamp(affordable, 0.0, 1e18));
    limit = std::min(limit.value_or(bound), bound);
  }
  return limit;
}

std::optional<std::uint64_t> Labelling::left() const {
  const auto limit = limit_of(config_);
  return limit ? std::optional(*limit - std::min(*limit, bought_)) : std::nullopt;
}

std::uint32_t Labelling::ask(Examples examples, SimTime now, role::Effects& effects) {
  const auto asked = examples.rows.size();
  auto bought = std::min<std::uint64_t>(asked, left().value_or(asked));
  if (people_) bought = std::min(bought, config_.waiting - std::min(config_.waiting, open_));
  refused_ += asked - bought;
  if (bought == 0) return 0;
  examples.rows.resize(bought);
  bought_ += bought;
  open_ += bought;
  if (people_) {
    people_->ask(examples);
    return static_cast<std::uint32_t>(bought);
  }
  busy_until_ = std::max(now, busy_until_) + config_.each * static_cast<std::int64_t>(bought);
  const std::uint64_t question = next_question_++;
  questions_.emplace(question, std::move(examples));
  effects.set_timer(channel_.timer(0, question), busy_until_ + config_.delay);
  return static_cast<std::uint32_t>(bought);
}

std::optional<Examples> Labelling::on_timer(std::uint64_t timer) {
  if (!owns(timer)) return std::nullopt;
  auto question = questions_.extract(Channel::subject_of(timer));
  if (question.empty()) return std::nullopt;
  open_ -= question.mapped().rows.size();
  return std::move(question.mapped());
}

void Labelling::people_label() {
  if (!people_) people_.emplace();
}

AskedPeople::Said Labelling::hear(NodeId node, std::uint32_t position, std::int32_t label) {
  using Said = AskedPeople::Said;
  const Said said = people_ ? people_->hear(node, position, label) : Said::kUnknown;
  heard_.labels += said == Said::kLabel ? 1 : 0;
  heard_.again += said == Said::kAgain ? 1 : 0;
  heard_.other += said == Said::kOther ? 1 : 0;
  heard_.unknown += said == Said::kUnknown ? 1 : 0;
  open_ -= said == Said::kLabel ? 1 : 0;
  return said;
}

void Labelling::record(std::uint64_t step, role::Effects& effects) const {
  effects.metric("labels/bought", step, static_cast<double>(bought_));
  effects.metric("labels/spent", step, spent());
  effects.metric("labels/refused", step, static_cast<double>(refused_));
  if (!people_) return;
  effects.metric("labels/open", step, static_cast<double>(open_));
  effects.metric("labels/given", step, static_cast<double>(heard_.labels));
  effects.metric("labels/again", step, static_cast<double>(heard_.again));
  effects.metric("labels/contradicting", step, static_cast<double>(heard_.other));
  effects.metric("labels/unasked", step, static_cast<double>(heard_.unknown));
  effects.metric("labels/faulty", step, static_cast<double>(heard_.faulty));
}

void Labelling::declare(role::Results& results) {
  const auto declare = [&](const char* name, const char* label, const char* meaning,
                           bool headline) {
    results.metrics.push_back({.name = std::string("labels/") + name,
                               .label = label,
                               .meaning = meaning,
                               .better = role::Better::kLower,
                               .headline = headline,
                               .cost = headline});
  };
  declare("bought", "labels", "labels bought since the start", true);
  declare("spent", "price of labels", "labels bought times the price of one", false);
  declare("refused", "labels not bought",
          "examples when nothing was left to spend, too many waited for people, or nobody knew",
          false);
  declare("open", "open questions", "examples that wait for a label of people", false);
  declare("given", "labels of people", "that answer a question", false);
  declare("again", "labels said again", "of people, for an example that has this label", false);
  declare("contradicting", "contradicting labels",
          "of people, for an example that has another label, which stands", false);
  declare("unasked", "unasked labels", "of people, for an example that nobody asked about", false);
  declare("faulty", "faulty labels", "rows of people that say no label", false);
}

}  // namespace skerry::parts
