#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "algorithms/sdk/fields.hpp"

namespace skerry::role {

/// Which of two values of a metric is the better one.
enum class Better : std::uint8_t { kNeither, kHigher, kLower };

/// What a metric is. Whoever records a metric must declare it: summaries, pages, progress and
/// exports know metrics only by their declarations.
struct MetricInfo {
  std::string name;        // "test/accuracy"; "updates/*" is every metric with that beginning
  std::string label;       // "test accuracy": for axes and tables
  std::string unit = "1";  // "share", "s", "bytes", "J", "nats"; "1" for counts and plain numbers
  std::string meaning;     // half a sentence
  Better better = Better::kNeither;
  /// It belongs to the outcome of a run: summaries begin with such metrics, and the first of them
  /// that was measured is shown as progress.
  bool headline = false;
  std::optional<double> least = 0;  // no value is lower
  std::optional<double> most;       // no value is higher
  /// What the run has spent so far: no value is lower than the one before it.
  bool cost = false;
  /// Each value stands for itself (how long one recovery took): a whole run has their mean, and not
  /// the last of them.
  bool averaged = false;
  /// A quantile within one run. Its mean over several runs would say nothing: if half of all
  /// requests take 1 ms and half take 80 ms, the mean of two medians is a time that no request
  /// took. Several runs are shown by their lowest and their highest value.
  bool quantile = false;
  /// What its steps count, if they are not the run's steps (Results::step): "model".
  std::string step;

  template <class V>
  void fields(V& v) {
    v("name", name, {.required = true});
    v("label", label);
    v("unit", unit);
    v("meaning", meaning);
    v("better", better);
    v("headline", headline);
    v("least", least);
    v("most", most);
    v("cost", cost);
    v("averaged", averaged);
    v("quantile", quantile);
    v("step", step);
  }
};

/// A line of a picture, drawn for each run.
struct Line {
  std::string metric;
  std::string label;      // if the picture has several: "worst"
  std::string deviation;  // a metric: how far the line's values spread; empty: not shown

  template <class V>
  void fields(V& v) {
    v("metric", metric, {.required = true});
    v("label", label);
    v("deviation", deviation);
  }
};

/// What happened now and then in a run: each recorded value of the metric is one event, at its time
/// and in its step.
struct EventMetric {
  std::string metric;
  std::string label;  // "deployed"

  template <class V>
  void fields(V& v) {
    v("metric", metric, {.required = true});
    v("label", label);
  }
};

/// How a picture shows the metrics of its lines.
enum class Drawn : std::uint8_t {
  kLines,
  kLayers,  // one metric, as areas on one another over virtual time: from its time on, a value is
            // the height of the layer whose number is the value's step
  kPhases,  // bars of virtual time, for one step at a time: a value is how many seconds a phase
            // took that ended at the value's time
  kTotals,  // what each run ended with, as bars beside each other; without lines: of all costs
};

/// A picture: lines over the steps, virtual time or traffic, as the reader chooses, or over
/// another metric; or what `drawn` says.
struct Figure {
  std::string title;
  std::string y;  // what the lines measure: "accuracy"
  std::vector<Line> lines;
  std::string x;     // a metric; empty: the reader's choice
  std::string mark;  // with `x`: a metric that tells its points apart
  Drawn drawn = Drawn::kLines;
  /// Lines over the reader's choice: marked in the picture. Totals: the first one's events cut the
  /// bars of costs into parts. Otherwise of no effect.
  std::vector<EventMetric> events;

  template <class V>
  void fields(V& v) {
    v("title", title, {.required = true});
    v("y", y);
    v("lines", lines);
    v("x", x);
    v("mark", mark);
    v("drawn", drawn);
    v("events", events);
  }
};

/// Pictures that belong together, and a table with one row per step.
struct Section {
  std::string title;
  std::string note;  // a sentence or two on how to read it; may be empty
  std::vector<Figure> figures;
  std::vector<std::string> columns;  // metrics; the first one names the rows; empty: no table

  template <class V>
  void fields(V& v) {
    v("title", title, {.required = true});
    v("note", note);
    v("figures", figures);
    v("columns", columns);
  }
};

/// Final values side by side.
struct Table {
  std::string title;    // "bytes"
  std::string meaning;  // a caption
  std::vector<std::string> rows;
  std::vector<std::string> columns;
  std::vector<std::string> metrics;  // one per cell, row by row

  template <class V>
  void fields(V& v) {
    v("title", title, {.required = true});
    v("meaning", meaning);
    v("rows", rows);
    v("columns", columns);
    v("metrics", metrics);
  }
  void check(FieldReader& reader) const;
};

/// What the runs of a paradigm record, and how it is shown. A metric that a run did not record is
/// left out everywhere.
struct Results {
  /// What one step of the metrics is called: "round". Empty if the steps are no sequence.
  std::string step;
  std::vector<MetricInfo> metrics;
  std::vector<Section> sections;
  std::vector<Table> tables;
  std::vector<std::string> traffic;    // metrics whose sum is the bytes on the wire so far
  std::optional<double> step_limit_s;  // a step closes after this long, whoever is missing

  template <class V>
  void fields(V& v) {
    v("step", step);
    v("metrics", metrics);
    v("sections", sections);
    v("tables", tables);
    v("traffic", traffic);
    v("step_limit_s", step_limit_s);
  }

  /// The metric of that name; else the declared beginning ("updates/*") that fits and is longest;
  /// null if none fits.
  const MetricInfo* find(std::string_view name) const;
};

}  // namespace skerry::role

namespace skerry {
template <>
struct EnumNames<role::Better> {
  static constexpr std::pair<role::Better, std::string_view> names[] = {
      {role::Better::kNeither, "neither"},
      {role::Better::kHigher, "higher"},
      {role::Better::kLower, "lower"}};
};
template <>
struct EnumNames<role::Drawn> {
  static constexpr std::pair<role::Drawn, std::string_view> names[] = {
      {role::Drawn::kLines, "lines"},
      {role::Drawn::kLayers, "layers"},
      {role::Drawn::kPhases, "phases"},
      {role::Drawn::kTotals, "totals"}};
};
}  // namespace skerry
