#include "algorithms/sdk/workspace.hpp"

namespace skerry {

namespace {

template <class List>
auto& find_or_add(List& list, std::string_view name) {
  for (auto& named : list) {
    if (named.name == name) return *named.held;
  }
  using Held = typename decltype(list.front().held)::element_type;
  return *list.emplace_back(std::string(name), std::make_unique<Held>()).held;
}

}  // namespace

void Workspace::each(std::size_t parts, const Parallel::Part& part) {
  if (parallel_) return parallel_->each(parts, part, *this);
  for (std::size_t i = 0; i < parts; ++i) part(i, *this);
}

std::span<float> Workspace::floats(std::string_view name, std::size_t size) {
  auto& buffer = find_or_add(floats_, name);
  if (buffer.size() < size) buffer.resize(size);
  return std::span(buffer).first(size);
}

std::vector<std::uint32_t>& Workspace::rows(std::string_view name) {
  return find_or_add(rows_, name);
}

std::span<std::int32_t> Workspace::labels(std::size_t size) {
  if (labels_.size() < size) labels_.resize(size);
  return std::span(labels_).first(size);
}

Batch Workspace::gather(std::string_view name, const Samples& samples,
                        std::span<const std::uint32_t> rows) {
  return find_or_add(batches_, name).fill(samples, rows);
}

Workspace::LearnerScratch& Workspace::scratch(const Learner& learner) {
  for (auto& scratch : learners_) {
    if (scratch->learner == &learner) return *scratch;
  }
  learners_.push_back(std::make_unique<LearnerScratch>());
  learners_.back()->learner = &learner;
  return *learners_.back();
}

Tape& Workspace::tape(const Learner& learner, std::size_t which) {
  LearnerScratch& mine = scratch(learner);
  while (mine.tapes.size() <= which) mine.tapes.push_back(learner.make_tape());
  return *mine.tapes[which];
}

FusedSgd* Workspace::fused(const Learner& learner) {
  LearnerScratch& mine = scratch(learner);
  if (!mine.fused_made) {
    mine.fused = learner.make_fused();
    mine.fused_made = true;
  }
  return mine.fused.get();
}

}  // namespace skerry
