#include "experiments/results/timeline.hpp"

#include <algorithm>
#include <map>

#include "experiments/results/evenly_spread.hpp"

namespace skerry::experiments {

namespace {

Timeline timeline_of(const std::vector<const host::Span*>& spans, std::size_t edges) {
  Timeline timeline;
  SimTime begin = SimTime::never();
  std::map<NodeId, std::vector<const host::Span*>> nodes;
  for (const host::Span* span : spans) {
    begin = std::min(begin, span->begin);
    nodes[span->node].push_back(span);
  }
  timeline.began_s = begin.in_seconds();
  std::vector<std::pair<SimTime, NodeId>> done;
  for (const auto& [node, of_node] : nodes) {
    SimTime end;
    for (const host::Span* span : of_node) end = std::max(end, span->end);
    if (node.is_edge()) done.emplace_back(end, node);
  }
  std::sort(done.begin(), done.end());
  timeline.edges = done.size();
  std::vector<NodeId> shown;
  if (nodes.contains(NodeId::cloud())) shown.push_back(NodeId::cloud());
  for (const auto& [end, node] : evenly_spread(std::move(done), edges)) shown.push_back(node);
  for (const NodeId node : shown) {
    Timeline::Row& row = timeline.rows.emplace_back();
    row.node = node;
    for (const host::Span* span : nodes[node]) {
      row.bars.push_back(
          {span->what, (span->begin - begin).in_seconds(), (span->end - begin).in_seconds()});
    }
    std::stable_sort(row.bars.begin(), row.bars.end(),
                     [](const auto& a, const auto& b) { return a.begin_s < b.begin_s; });
  }
  return timeline;
}

/// The spans around the middle of the trace, few enough to see each.
std::vector<Timeline> middle_stretch(const host::RunRecord& record, std::size_t edges) {
  constexpr std::size_t kSpans = 160;
  std::vector<const host::Span*> spans;
  for (const host::Span& span : record.spans) spans.push_back(&span);
  std::stable_sort(spans.begin(), spans.end(),
                   [](const auto* a, const auto* b) { return a->begin < b->begin; });
  if (spans.empty()) return {};
  const std::size_t count = std::min(spans.size(), kSpans);
  const auto first = spans.begin() + static_cast<std::ptrdiff_t>((spans.size() - count) / 2);
  return {timeline_of({first, first + static_cast<std::ptrdiff_t>(count)}, edges)};
}

}  // namespace

std::vector<Timeline> make_timelines(const host::RunRecord& record, std::size_t steps,
                                     std::size_t edges) {
  if (record.declared.step.empty()) return middle_stretch(record, edges);
  std::map<std::uint64_t, std::vector<const host::Span*>> spans_of;
  for (const host::Span& span : record.spans) spans_of[span.step].push_back(&span);
  std::size_t most = 0;
  for (const auto& [step, spans] : spans_of) most = std::max(most, spans.size());
  std::vector<std::uint64_t> traced;
  for (const auto& [step, spans] : spans_of) {
    if (2 * spans.size() >= most) traced.push_back(step);
  }
  std::vector<Timeline> timelines;
  for (const std::uint64_t step : evenly_spread(std::move(traced), steps)) {
    timelines.push_back(timeline_of(spans_of[step], edges));
    timelines.back().step = step;
  }
  return timelines;
}

}  // namespace skerry::experiments
