#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "algorithms/sdk/archive.hpp"
#include "algorithms/sdk/fields.hpp"
#include "datasets/data_source.hpp"

namespace skerry {

namespace datasets {

/// How concepts (rules that give labels to inputs) follow each other in time.
enum class Drift : std::uint8_t {
  kSudden,       // each in turn, from one row to the next
  kGradual,      // each in turn; around a change, rows of both are mixed
  kRecurring,    // all in turn, several times over
  kIncremental,  // one rule that moves with every row; a "concept" is a part of the time
};

/// What every drifting source asks of its user, listed beside the source's own fields.
struct DriftConfig {
  std::uint32_t samples = 50'000;
  std::uint32_t test_samples = 10'000;
  std::uint32_t concepts = 4;
  Drift drift = Drift::kSudden;
  std::optional<std::uint32_t> width;
  std::optional<std::uint32_t> repeats;
  std::optional<std::int64_t> seed;

  template <class V>
  void fields(V& v) {
    v("samples", samples,
      {.meaning = "training samples, in the order of time", .min = 1, .max = 1e9});
    v("test_samples", test_samples,
      {.meaning = "test samples, the same number of each concept; 0: no test set",
       .min = 0,
       .max = 1e9});
    v("concepts", concepts, {.meaning = "number of concepts", .min = 1, .max = 1000});
    v("drift", drift,
      {.meaning = "sudden: each concept for an equal part of the time; gradual: likewise, with a "
                  "change that takes some rows; recurring: all concepts in turn, several times; "
                  "incremental (hyperplane, random_rbf): one rule that moves with every row, a "
                  "concept is an equal part of the time"});
    v("width", width,
      {.meaning = "rows that a gradual or recurring change takes; default: 1000 where gradual (or "
                  "all of a concept, if it has fewer), none where recurring",
       .min = 1});
    v("repeats", repeats,
      {.meaning = "how often each concept comes where recurring; default: 2",
       .min = 1,
       .max = 1000});
    v("seed", seed, {.meaning = "pins the data; default: the run's seed", .min = 0});
  }

  /// Reports values that do not fit each other, for a source with that many inputs a row.
  void check(FieldReader& reader, std::size_t inputs) const;
  /// Reports incremental drift: for a source whose rule cannot move by small steps.
  void check_jumps(FieldReader& reader) const;

  /// What a source with that schema makes.
  Extent extent(DataSchema schema) const {
    return {.schema = std::move(schema), .rows = samples, .test_rows = test_samples};
  }
  /// Equal parts of the time, each with one concept.
  std::uint32_t parts() const;
  /// Rows that a change takes; 0: none.
  std::uint32_t change_rows() const;
  /// Rules to draw: one for each concept, or the one that moves.
  std::uint32_t rules() const { return drift == Drift::kIncremental ? 1 : concepts; }
  /// Adds to a content hash what these values make of the data; the seed is the source's to add.
  void hash_into(ByteWriter& writer) const;
};

/// When a row is made, and what the column "concept" says of it.
struct Moment {
  std::uint32_t time = 0;  // in rows since the first training row
  std::uint32_t concept_number = 0;
};

/// Which concept makes which row. A pure function of a row's number.
///   The time is cut into S equal parts. Part k begins at row p_k = ceil(k n / S) and has concept
///   k mod C. Row t is of part k or a later one with probability 1 / (1 + exp(-4 (t - p_k) / w));
///   where w = 0, exactly from row p_k on.
/// One change is that of MOA's ConceptDriftStream (which counts rows from 1); two concepts that
/// return are those of its RecurrentConceptDriftStream.
///
/// Safe to call from several threads. Cost: O(log S) a row.
class ConceptSchedule {
 public:
  /// @param source  the plugin's name, with which the purposes of its random streams begin.
  ConceptSchedule(const DriftConfig& config, std::string_view source, std::uint64_t seed);

  /// `row` < samples; its time is its number.
  Moment train(std::uint32_t row) const;
  /// `row` < test_samples. Test rows lie evenly over the time, each with the concept of its part:
  /// the same number of each part, or one more.
  Moment test(std::uint32_t row) const;

 private:
  std::uint32_t first_row(std::uint32_t part) const;
  double reached(std::uint32_t part, std::uint32_t row) const;

  std::uint64_t samples_, test_samples_, parts_;
  std::uint32_t concepts_;
  std::uint32_t width_;
  std::string purpose_;
  std::uint64_t seed_;
};

}  // namespace datasets

template <>
struct EnumNames<datasets::Drift> {
  static constexpr std::pair<datasets::Drift, std::string_view> names[] = {
      {datasets::Drift::kSudden, "sudden"},
      {datasets::Drift::kGradual, "gradual"},
      {datasets::Drift::kRecurring, "recurring"},
      {datasets::Drift::kIncremental, "incremental"}};
};

}  // namespace skerry
