// A stream that changes from one concept to the next: suddenly, gradually, or back and forth.
//
// Reference: Bifet, Holmes, Kirkby, Pfahringer 2010, "MOA: Massive Online Analysis", JMLR 11, and
// its ConceptDriftStream: at time t the new concept has probability 1 / (1 + e^(-4 (t - p) / w)),
// with position p and width w of the drift; concept streams are joined one after another.
// Definition: concepts are the levels of an attribute, in their order, repeated `cycles` times
// where the kind is recurring. With n rows and segments j = 0, 1, ... of concepts, the row in place
// t (x = t / n) is of the last segment j that wins its draw against 1 / (1 + e^(-4 (x - p_j) / w)),
// or of segment 0; it is the next row of that segment's concept. Where the kind is sudden, or w =
// 0, a segment wins from x = p_j on. Without `positions`, p_j is where segment j would begin if
// segments came one after another, a concept's rows in equal parts over its segments. Differences:
// the concepts are finite. Where the chosen one has no rows left, the first that has some gives the
// next, so that every row comes once.

#include <algorithm>

#include "algorithms/sdk/elementary.hpp"
#include "algorithms/sdk/plugin.hpp"
#include "algorithms/sdk/random.hpp"
#include "datasets/attribute_levels.hpp"

namespace skerry {

namespace datasets {
enum class DriftKind : std::uint8_t { kSudden, kGradual, kRecurring };
}

template <>
struct EnumNames<datasets::DriftKind> {
  static constexpr std::pair<datasets::DriftKind, std::string_view> names[] = {
      {datasets::DriftKind::kSudden, "sudden"},
      {datasets::DriftKind::kGradual, "gradual"},
      {datasets::DriftKind::kRecurring, "recurring"}};
};

namespace datasets {

namespace {

struct DriftConfig {
  std::string attribute = "concept";
  std::vector<std::string> order;
  DriftKind kind = DriftKind::kSudden;
  std::vector<double> positions;
  std::optional<double> width;
  std::optional<std::uint32_t> cycles;
  std::uint32_t experiences = 10;
  Pace pace;
  template <class V>
  void fields(V& v) {
    v("attribute", attribute, {.meaning = "whose levels are the concepts"});
    v("order", order, {.meaning = "the concepts in order; default: sorted"});
    v("kind", kind,
      {.meaning = "sudden; gradual: a sigmoid; recurring: all concepts in turn, several times"});
    v("positions", positions,
      {.meaning =
           "middle of each change, as parts of the stream; default: where rows of the concept "
           "before would end"});
    v("width", width,
      {.meaning = "of a change, as a part of the stream; default: 0.1 if gradual, 0 if recurring",
       .min = 0,
       .max = 1});
    v("cycles", cycles,
      {.meaning = "how often recurring concepts come; default: 2", .min = 2, .max = 100});
    v("experiences", experiences,
      {.meaning = "equal parts that the stream is cut into, whatever its concepts", .min = 1});
    pace.shared_field(v);
    pace.fields(v);
  }
  void check(FieldReader& reader) const {
    pace.check(reader);
    if (pace.arrival == Arrival::kRecorded) {
      reader.error("arrival", "must not be recorded: a drift has an order of its own");
    }
    if (std::ranges::adjacent_find(positions, std::ranges::greater_equal()) != positions.end()) {
      reader.error("positions", "must ascend");
    }
    if (kind == DriftKind::kSudden && width.value_or(0) > 0) {
      reader.error("width", "a sudden change has none");
    }
    if (cycles && kind != DriftKind::kRecurring) {
      reader.error("cycles", "has no effect: the concepts do not recur");
    }
  }
  /// How often each concept comes.
  std::size_t times() const { return kind == DriftKind::kRecurring ? cycles.value_or(2) : 1; }
  double width_of_change() const { return width.value_or(kind == DriftKind::kGradual ? 0.1 : 0); }
};

class DriftPlan final : public StreamPlan {
 public:
  /// @param concepts  levels, in order
  DriftPlan(StreamTasks tasks, AttributeLevels levels, std::vector<std::uint32_t> concepts,
            const DriftConfig& config, std::uint64_t seed)
      : StreamPlan(std::move(tasks)),
        levels_(std::move(levels)),
        concepts_(std::move(concepts)),
        config_(config),
        seed_(seed) {}

  void deal(const StreamRows& rows, RowLists& lists) const override {
    const RowLists of_concept = rows_of_concepts(rows);
    const std::vector<double> positions = positions_of(of_concept, rows.rows.size());
    const auto count = static_cast<std::uint32_t>(rows.rows.size());
    const Round split = static_cast<Round>(rows.split) + (rows.of_test_set ? 3 : 0);
    RandomStream random(seed_, "drift", rows.node, split);
    std::vector<std::size_t> taken(of_concept.size());
    const auto spent = [&](std::size_t c) { return taken[c] == of_concept[c].size(); };
    std::size_t earliest = 0;  // the first concept that has rows left
    std::uint32_t task = 0;
    lists.assign(tasks().names.size(), {});
    for (std::uint32_t t = 0; t < count; ++t) {
      const double x = static_cast<double>(t) / count;
      std::size_t c = segment_at(x, positions, random) % of_concept.size();
      while (spent(earliest)) ++earliest;
      if (spent(c)) c = earliest;
      const auto pieces = static_cast<std::uint32_t>(lists.size());
      while (t >= piece_begin(count, pieces, task + 1)) ++task;
      lists[task].push_back(of_concept[c][taken[c]++]);
    }
  }

 private:
  std::size_t segments() const { return concepts_.size() * config_.times(); }

  RowLists rows_of_concepts(const StreamRows& rows) const {
    RowLists lists(concepts_.size());
    std::vector<std::uint32_t> concept_of(levels_.names().size());
    for (std::uint32_t c = 0; c < concepts_.size(); ++c) concept_of[concepts_[c]] = c;
    const std::vector<std::uint32_t> levels = levels_.of(rows);
    for (std::size_t i = 0; i < levels.size(); ++i) {
      lists[concept_of[levels[i]]].push_back(rows.rows[i]);
    }
    return lists;
  }

  // Where segments 1, 2 ... begin.
  std::vector<double> positions_of(const RowLists& of_concept, std::size_t rows) const {
    if (!config_.positions.empty()) return config_.positions;
    std::vector<double> positions;
    const std::size_t cycles = segments() / of_concept.size();
    std::uint64_t before = 0;
    for (std::size_t j = 0; j + 1 < segments(); ++j) {
      const auto size = static_cast<std::uint32_t>(of_concept[j % of_concept.size()].size());
      const auto parts = static_cast<std::uint32_t>(cycles);
      const auto cycle = static_cast<std::uint32_t>(j / of_concept.size());
      before += piece_begin(size, parts, cycle + 1) - piece_begin(size, parts, cycle);
      positions.push_back(static_cast<double>(before) /
                          static_cast<double>(std::max<std::size_t>(rows, 1)));
    }
    return positions;
  }

  std::size_t segment_at(double x, const std::vector<double>& positions,
                         RandomStream& random) const {
    const double width = config_.width_of_change();
    for (std::size_t j = positions.size(); j > 0; --j) {
      const double past = x - positions[j - 1];
      if (width == 0) {
        if (past >= 0) return j;
      } else if (random.uniform() < 1 / (1 + exp_f64(-4 * past / width))) {
        return j;
      }
    }
    return 0;
  }

  AttributeLevels levels_;
  std::vector<std::uint32_t> concepts_;
  DriftConfig config_;
  std::uint64_t seed_;
};

class Drift final : public Stream {
 public:
  using Config = DriftConfig;
  explicit Drift(const Config& config) : config_(config) {}

  const Pace& pace() const override { return config_.pace; }

  Result<std::unique_ptr<StreamPlan>> plan(const StreamRequest& request) const override {
    Result<AttributeLevels> levels = AttributeLevels::find(request, config_.attribute);
    if (!levels) return levels.failure();
    const auto concepts =
        levels->grouped({config_.order.empty() ? levels->names() : config_.order});
    if (!concepts) return concepts.failure();
    const std::size_t count = levels->names().size();
    if (count < 2) {
      return Failure{"attribute \"" + config_.attribute + "\" has one level, a drift needs two"};
    }
    const std::size_t changes = count * config_.times() - 1;
    if (!config_.positions.empty() && config_.positions.size() != changes) {
      return Failure{"lists " + std::to_string(config_.positions.size()) + " positions for " +
                     std::to_string(changes) + " changes"};
    }
    StreamTasks tasks{.ordered = true, .levels = levels->names()};
    for (std::uint32_t k = 1; k <= config_.experiences; ++k) {
      tasks.names.push_back("part " + std::to_string(k) + " of " +
                            std::to_string(config_.experiences));
    }
    return std::unique_ptr<StreamPlan>(std::make_unique<DriftPlan>(
        std::move(tasks), std::move(*levels), concepts->front(), config_, request.seed));
  }

 private:
  Config config_;
};

SKERRY_PLUGIN(Stream, Drift, "drift",
              "concepts that follow one another: sudden, gradual, recurring")

}  // namespace

}  // namespace datasets

}  // namespace skerry
