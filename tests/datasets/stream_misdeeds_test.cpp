// What stands between a stream's plugin and NodeData names the plugin and what it did wrong.
#include <stdexcept>

#include "algorithms/sdk/job_failure.hpp"
#include "tests/datasets/recorded_table.hpp"

namespace skerry::datasets {

namespace {

using Misdeed = std::string;

class EvilPlan final : public StreamPlan {
 public:
  EvilPlan(StreamTasks tasks, Misdeed wrong)
      : StreamPlan(std::move(tasks)), wrong_(std::move(wrong)) {}

  void deal(const StreamRows& rows, RowLists& lists) const override {
    if (wrong_ == "throw in deal()") throw std::runtime_error("as told");
    lists.assign(2, {});
    lists[0].assign(rows.rows.begin(), rows.rows.end());
    if (wrong_ == "lose a row" && !lists[0].empty()) lists[0].pop_back();
    if (wrong_ == "deal a row twice" && lists[0].size() > 1) lists[0][0] = lists[0][1];
    if (wrong_ == "deal one task too many") lists.emplace_back();
  }
  std::shared_ptr<const Samples> shown(std::shared_ptr<const Samples> original) const override {
    if (wrong_ == "throw in shown()") throw std::runtime_error("as told");
    if (wrong_ == "show nothing") return nullptr;
    return original;
  }

 private:
  Misdeed wrong_;
};

class EvilStream final : public Stream {
 public:
  explicit EvilStream(Misdeed wrong) : wrong_(std::move(wrong)) {}

  bool needs_labels() const override {
    if (wrong_ == "throw in needs_labels()") throw std::runtime_error("as told");
    return false;
  }
  const Pace& pace() const override {
    if (wrong_ == "throw in pace()") throw std::runtime_error("as told");
    return pace_;
  }
  Result<std::unique_ptr<StreamPlan>> plan(const StreamRequest&) const override {
    if (wrong_ == "throw in plan()") throw std::runtime_error("as told");
    if (wrong_ == "plan nothing") return std::unique_ptr<StreamPlan>();
    StreamTasks tasks{.names = {"a", "b"}};
    if (wrong_ == "have no tasks") tasks.names.clear();
    if (wrong_ == "have too few borders") tasks.borders_s = {0, 1};
    if (wrong_ == "have borders that fall") tasks.borders_s = {0, 2, 1};
    if (wrong_ == "use outputs of one task") tasks.active = {std::vector<std::uint8_t>(6)};
    if (wrong_ == "use other outputs") tasks.active.assign(2, std::vector<std::uint8_t>(5));
    return std::unique_ptr<StreamPlan>(std::make_unique<EvilPlan>(std::move(tasks), wrong_));
  }

 private:
  Misdeed wrong_;
  Pace pace_;
};

std::string complaint(const Misdeed& wrong) {
  static const PluginEntry entry{.slot = Stream::kSlot,
                                 .name = "evil",
                                 .purpose = "",
                                 .file = "",
                                 .example = nullptr,
                                 .describe = nullptr,
                                 .resolve = nullptr,
                                 .make = nullptr,
                                 .next = nullptr};
  const auto stream = checked(std::make_unique<EvilStream>(wrong), entry);
  try {
    return Coming{}.plain()->with(*stream).message();
  } catch (const JobError& error) {
    return error.what();
  }
}

}  // namespace

TEST_CASE("what a stream's plugin does wrong is told in one line that names it") {
  const std::string begin = "stream \"evil\" failed: in ";
  CHECK(complaint("nothing") == "");
  for (const std::string where : {"needs_labels()", "pace()", "plan()", "deal()", "shown()"}) {
    CHECK(complaint("throw in " + where) == begin + where + ": as told");
  }
  CHECK(complaint("plan nothing") == begin + "plan(): it returns no plan");
  CHECK(complaint("have no tasks") == begin + "plan(): it has no tasks");
  CHECK(complaint("have too few borders") ==
        begin + "plan(): its borders are not one more than its tasks");
  CHECK(complaint("have borders that fall") == begin + "plan(): its borders do not ascend");
  CHECK(complaint("use outputs of one task") ==
        begin + "plan(): it names active outputs for another number of tasks");
  CHECK(complaint("use other outputs") ==
        begin + "plan(): it names active outputs of another number of classes");
  CHECK(complaint("show nothing") ==
        begin + "shown(): it shows no samples, or another number of rows");
  CHECK(complaint("deal one task too many").find(begin + "deal(): it deals ") == 0);
  CHECK(complaint("deal a row twice") ==
        begin + "deal(): it deals a row twice, or one that the node has not");
  CHECK(complaint("lose a row") ==
        begin + "deal(): it deals 120 rows into 2 lists with 119 rows; there are 2 tasks");
}

}  // namespace skerry::datasets
