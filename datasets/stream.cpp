#include "datasets/stream.hpp"

#include <algorithm>

#include "algorithms/sdk/checked.hpp"

namespace skerry::datasets {

namespace {

// What a set of rows adds up to, each mixed by itself [Steele, Lea, Flood 2014, SplitMix64]: lists
// with the same sum hold the same rows, but for a chance of 2^-64.
std::uint64_t sum_of(std::span<const std::uint32_t> rows) {
  std::uint64_t sum = 0;
  for (const std::uint32_t row : rows) {
    std::uint64_t x = (row + std::uint64_t{1}) * 0x9e3779b97f4a7c15;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
    x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
    sum += x ^ (x >> 31);
  }
  return sum;
}

class CheckedPlan final : public StreamPlan {
 public:
  CheckedPlan(std::unique_ptr<StreamPlan> plan, const PluginEntry& entry)
      : StreamPlan(plan->tasks()), plan_(std::move(plan)), entry_(entry) {}

  void deal(const StreamRows& rows, RowLists& lists) const override {
    naming(entry_, "deal()", [&] {
      plan_->deal(rows, lists);
      std::size_t dealt = 0;
      std::uint64_t sum = 0;
      for (const std::vector<std::uint32_t>& list : lists) {
        dealt += list.size();
        sum += sum_of(list);
      }
      if (lists.size() != tasks().names.size() || dealt != rows.rows.size()) {
        refuse("it deals " + std::to_string(rows.rows.size()) + " rows into " +
               std::to_string(lists.size()) + " lists with " + std::to_string(dealt) +
               " rows; there are " + std::to_string(tasks().names.size()) + " tasks");
      }
      if (sum != sum_of(rows.rows)) refuse("it deals a row twice, or one that the node has not");
    });
  }
  std::shared_ptr<const Samples> shown(std::shared_ptr<const Samples> original) const override {
    return naming(entry_, "shown()", [&] {
      const std::uint64_t rows = original->size();
      auto samples = plan_->shown(std::move(original));
      const std::uint64_t times = tasks().repeats ? tasks().names.size() : 1;
      if (samples == nullptr || samples->size() != times * rows) {
        refuse("it shows no samples, or another number of rows");
      }
      return samples;
    });
  }

 private:
  std::unique_ptr<StreamPlan> plan_;
  const PluginEntry& entry_;
};

void check_tasks(const StreamTasks& tasks, std::size_t outputs) {
  const std::size_t count = tasks.names.size();
  if (count == 0) refuse("it has no tasks");
  if (!tasks.borders_s.empty() && tasks.borders_s.size() != count + 1) {
    refuse("its borders are not one more than its tasks");
  }
  if (!std::ranges::is_sorted(tasks.borders_s)) refuse("its borders do not ascend");
  if (!tasks.active.empty() && tasks.active.size() != count) {
    refuse("it names active outputs for another number of tasks");
  }
  for (const std::vector<std::uint8_t>& active : tasks.active) {
    if (active.size() != outputs) refuse("it names active outputs of another number of classes");
  }
}

class CheckedStream final : public Checked<Stream> {
 public:
  using Checked::Checked;

  bool needs_labels() const override {
    return named("needs_labels()", [&] { return plugin().needs_labels(); });
  }
  const Pace& pace() const override {
    return named("pace()", [&]() -> const Pace& { return plugin().pace(); });
  }
  Result<std::unique_ptr<StreamPlan>> plan(const StreamRequest& request) const override {
    if (needs_labels() && request.schema.classes == 0) {
      return Failure{"needs class labels, which this data does not have"};
    }
    return named("plan()", [&]() -> Result<std::unique_ptr<StreamPlan>> {
      auto made = plugin().plan(request);
      if (!made) return made;
      if (*made == nullptr) refuse("it returns no plan");
      check_tasks((*made)->tasks(), request.schema.classes);
      return std::unique_ptr<StreamPlan>(std::make_unique<CheckedPlan>(std::move(*made), entry()));
    });
  }
};

}  // namespace

std::unique_ptr<Stream> checked(std::unique_ptr<Stream> plugin, const PluginEntry& entry) {
  return std::make_unique<CheckedStream>(std::move(plugin), entry);
}

}  // namespace skerry::datasets
