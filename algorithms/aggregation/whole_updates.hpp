#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "algorithms/sdk/exact_sum.hpp"
#include "algorithms/sdk/reducer.hpp"
#include "algorithms/sdk/workspace.hpp"

namespace skerry {

// What rules over whole updates share. The vector of an update is made of all its records that are
// averaged or summed as real numbers (RecordSpec::real()), one after another.

/// A sum in float64 of terms of two vectors. Term i goes to lane i mod 16, whichever block or
/// record it lies in; a fixed tree adds the lanes. So the bits do not depend on how the vectors are
/// cut.
class LaneSum {
 public:
  /// Adds term(a[i], b[i]) of the next values of both vectors.
  template <class Term>
  void add(std::span<const float> a, std::span<const float> b, const Term& term) {
    std::size_t i = 0;
    for (; i < a.size() && next_ != 0; ++i) add_one(term(double{a[i]}, double{b[i]}));
    for (; i + kLanes <= a.size(); i += kLanes) {
      for (std::size_t lane = 0; lane < kLanes; ++lane) {
        lanes_[lane] += term(double{a[i + lane]}, double{b[i + lane]});
      }
    }
    for (; i < a.size(); ++i) add_one(term(double{a[i]}, double{b[i]}));
  }
  double total() const {
    auto tree = lanes_;
    for (std::size_t half = kLanes / 2; half > 0; half /= 2) {
      for (std::size_t lane = 0; lane < half; ++lane) tree[lane] += tree[lane + half];
    }
    return tree[0];
  }

 private:
  static constexpr std::size_t kLanes = 16;
  void add_one(double term) {
    lanes_[next_] += term;
    next_ = (next_ + 1) % kLanes;
  }
  std::array<double, kLanes> lanes_{};
  std::size_t next_ = 0;  // lane of the next term
};

/// <a, b> of the vectors of two updates with the same records.
inline double dot(const Payload& a, const Payload& b) {
  LaneSum sum;
  for (const auto& record : a.records()) {
    if (!record->spec().real()) continue;
    sum.add(record->f32(), b.at(record->name()).f32(), [](double x, double y) { return x * y; });
  }
  return sum.total();
}

/// ||a_i - a_j||^2 of all pairs: a symmetric matrix [n][n], row by row. Differences, never the Gram
/// matrix, whose cancellation would hide a small distance between long updates.
/// @param block  values of an update that are compared while they lie in the cache; moves no bit.
/// Cost: O(n^2 P), on idle threads too.
inline std::vector<double> squared_distances(std::span<const Payload* const> updates,
                                             std::size_t block, Workspace& workspace) {
  const std::size_t n = updates.size();
  std::vector<std::pair<std::size_t, std::size_t>> pairs;
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < i; ++j) pairs.emplace_back(i, j);
  }
  std::vector<LaneSum> sums(pairs.size());
  const std::size_t parts = std::min(pairs.size(), workspace.spare() + 1);
  workspace.each(parts, [&](std::size_t part, Workspace&) {
    for (const auto& record : updates[0]->records()) {
      if (!record->spec().real()) continue;
      std::vector<std::span<const float>> rows;
      for (const Payload* update : updates) rows.push_back(update->at(record->name()).f32());
      for (std::size_t begin = 0; begin < record->size(); begin += block) {
        const std::size_t width = std::min(block, record->size() - begin);
        for (std::size_t p = part; p < pairs.size(); p += parts) {
          sums[p].add(rows[pairs[p].first].subspan(begin, width),
                      rows[pairs[p].second].subspan(begin, width),
                      [](double x, double y) { return (x - y) * (x - y); });
        }
      }
    }
  });
  std::vector<double> distances(n * n);
  for (std::size_t p = 0; p < pairs.size(); ++p) {
    const auto [i, j] = pairs[p];
    distances[i * n + j] = distances[j * n + i] = sums[p].total();
  }
  return distances;
}

/// An update that counts, and how much.
struct Counted {
  std::size_t update;  // index
  float weight;        // multiplies its values; finite
  float divisor;       // what it adds to the divisor
};

/// Fills context.reduced: sum_k weight_k d_k / sum_k divisor_k of the updates that count, and n
/// times that where a record is summed. All zero where no update counts. Exact except for one
/// rounding, so it does not depend on the order.
inline void reduce_counted(std::span<const Counted> counted, GatherContext& context) {
  for (std::size_t r = 0; r < context.reduced.records().size(); ++r) {
    const RecordSpec spec = context.reduced.records()[r]->spec();
    if (!spec.real()) continue;
    const std::span<float> out = context.reduced.open(spec.name).overwrite_f32();
    ExactSum sum(out.size());
    std::vector<ExactSum::Term> terms;
    for (const auto& [update, weight, divisor] : counted) {
      terms.push_back({context.updates[update]->at(spec.name).f32().data(), weight, divisor});
    }
    sum.add(terms, context.workspace);
    if (!(sum.divisor() > 0)) {
      std::fill(out.begin(), out.end(), 0.0f);
    } else if (spec.reduce == Reduce::kMean) {
      sum.mean(out, context.workspace);
    } else {
      sum.scaled(static_cast<double>(context.updates.size()) / sum.divisor(), out);
    }
  }
}

}  // namespace skerry
