#include "scenarios/parts/arrived_samples.hpp"

#include <algorithm>

namespace skerry::parts {

void ArrivedSamples::add(const role::SamplesArrived& samples, SimTime now) {
  if (samples.labels.empty()) return;
  batches_.push_back({samples.inputs, samples.labels, now, 0});
  waiting_ += samples.labels.size();
}

ArrivedSamples::Run ArrivedSamples::take(std::uint32_t most) {
  if (batches_.empty()) return {};
  Batch& oldest = batches_.front();
  const auto size = static_cast<std::uint32_t>(oldest.labels.size());
  const std::uint32_t count = std::min(most, size - oldest.taken);
  const auto first = oldest.labels.begin() + oldest.taken;
  Run run{oldest.inputs, oldest.taken, {first, first + count}};
  keep(run, oldest.came);
  oldest.taken += count;
  waiting_ -= count;
  if (oldest.taken == size) batches_.pop_front();
  return run;
}

void ArrivedSamples::keep(const Run& run, SimTime came) {
  if (keeps_ == 0) return;
  kept_.push_back({run, came});
  kept_samples_ += run.labels.size();
  while (kept_samples_ - kept_.front().run.labels.size() >= keeps_) {
    kept_samples_ -= kept_.front().run.labels.size();
    kept_.pop_front();
  }
}

std::vector<ArrivedSamples::Run> ArrivedSamples::kept(std::uint32_t most,
                                                      std::optional<SimTime> since) const {
  std::vector<Run> newest;
  std::size_t left = std::min(most, keeps_);
  for (auto kept = kept_.rbegin(); kept != kept_.rend() && left > 0; ++kept) {
    if (since && kept->came < *since) break;
    Run run = kept->run;
    const std::size_t count = std::min(left, run.labels.size());
    const auto older = static_cast<std::ptrdiff_t>(run.labels.size() - count);
    run.place += static_cast<std::uint32_t>(older);
    run.labels.erase(run.labels.begin(), run.labels.begin() + older);
    left -= count;
    newest.push_back(std::move(run));
  }
  std::ranges::reverse(newest);
  return newest;
}

}  // namespace skerry::parts
