#include "datasets/concept_schedule.hpp"

#include <algorithm>

#include "algorithms/sdk/elementary.hpp"
#include "algorithms/sdk/random.hpp"

namespace skerry::datasets {

namespace {

constexpr std::uint64_t kMostValues = std::uint64_t{1} << 32;  // 16 GiB of inputs

}  // namespace

void DriftConfig::check(FieldReader& reader, std::size_t inputs) const {
  if ((std::uint64_t{samples} + test_samples) * inputs > kMostValues) {
    reader.error("samples", "and test_samples make more than 4294967296 values of " +
                                std::to_string(inputs) + " a row, more than memory should hold");
  }
  if (parts() > samples) {
    reader.error("samples", "must be at least " + std::to_string(parts()) +
                                ", one for each part of the time with one concept");
  }
  if (test_samples > 0 && test_samples < parts()) {
    reader.error("test_samples", "must be 0, or at least " + std::to_string(parts()) +
                                     ", one for each part of the time with one concept");
  }
  const bool mixes = drift == Drift::kGradual || drift == Drift::kRecurring;
  if (mixes && concepts < 2) reader.error("concepts", "must be at least 2 for one to follow");
  if (width && !mixes) reader.error("width", "belongs to \"drift\": \"gradual\" or \"recurring\"");
  if (mixes && width && *width > samples / parts()) {
    reader.error("width", "is " + std::to_string(*width) + ", longer than the " +
                              std::to_string(samples / parts()) +
                              " rows of one concept: a change would not be over when the next one "
                              "begins");
  }
  if (repeats && drift != Drift::kRecurring) {
    reader.error("repeats", "belongs to \"drift\": \"recurring\"");
  }
}

void DriftConfig::check_jumps(FieldReader& reader) const {
  if (drift == Drift::kIncremental) {
    reader.error("drift", "cannot be incremental: these concepts do not move by small steps");
  }
}

std::uint32_t DriftConfig::parts() const {
  return drift == Drift::kRecurring ? concepts * repeats.value_or(2) : concepts;
}

std::uint32_t DriftConfig::change_rows() const {
  if (width) return *width;
  if (drift != Drift::kGradual) return 0;
  return std::clamp(samples / parts(), std::uint32_t{1}, std::uint32_t{1000});
}

void DriftConfig::hash_into(ByteWriter& writer) const {
  writer(samples, test_samples, concepts, drift, parts(), change_rows());
}

ConceptSchedule::ConceptSchedule(const DriftConfig& config, std::string_view source,
                                 std::uint64_t seed)
    : samples_(config.samples),
      test_samples_(config.test_samples),
      parts_(config.parts()),
      concepts_(config.concepts),
      width_(config.change_rows()),
      purpose_(std::string(source) + ".concept"),
      seed_(seed) {}

std::uint32_t ConceptSchedule::first_row(std::uint32_t part) const {
  return static_cast<std::uint32_t>((part * samples_ + parts_ - 1) / parts_);
}

double ConceptSchedule::reached(std::uint32_t part, std::uint32_t row) const {
  const double late = static_cast<double>(row) - static_cast<double>(first_row(part));
  return 1 / (1 + exp_f64(-4 * late / width_));
}

Moment ConceptSchedule::train(std::uint32_t row) const {
  auto part = static_cast<std::uint32_t>(row * parts_ / samples_);
  if (width_ > 0) {
    // One draw decides all changes: a later part is never reached before an earlier one.
    const double draw = RandomStream(seed_, purpose_, NodeId::from_number(row)).uniform();
    std::uint32_t low = 0, high = static_cast<std::uint32_t>(parts_) - 1;
    while (low < high) {
      const std::uint32_t middle = low + (high - low + 1) / 2;
      if (draw < reached(middle, row)) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    part = low;
  }
  return {.time = row, .concept_number = part % concepts_};
}

Moment ConceptSchedule::test(std::uint32_t row) const {
  const std::uint64_t middle = 2 * std::uint64_t{row} + 1;  // of this row's share, in halves
  const auto part = static_cast<std::uint32_t>(middle * parts_ / (2 * test_samples_));
  const auto time = static_cast<std::uint32_t>(middle * samples_ / (2 * test_samples_));
  return {.time = std::max(time, first_row(part)), .concept_number = part % concepts_};
}

}  // namespace skerry::datasets
