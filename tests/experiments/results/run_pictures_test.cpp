// What a page shows of one run, from the values that the run recorded.
#include "experiments/results/run_pictures.hpp"

#include "experiments/results/declared.hpp"
#include "tests/catch.hpp"
#include "tests/experiments/results/made_up_run.hpp"

namespace skerry::experiments {

using Steps = std::vector<std::uint64_t>;
using Numbers = std::vector<double>;

TEST_CASE("events come in order of time, with their place on every axis") {
  const host::RunRecord record = MadeUpRun{.loop = true}.record();
  const RunPictures pictures(record);
  const Recorded models = pictures.recorded("event/model", 100);
  CHECK(models.step == Steps{7, 12, 17});
  CHECK_THAT(models.time_s, Catch::Approx(Numbers{8.75, 15, 21.25}));
  CHECK(models.bytes == Numbers{7 * 8.4e6, 12 * 8.4e6, 17 * 8.4e6});
  CHECK(models.value == Numbers{2, 3, 4});
  CHECK(models.all == 3);
  CHECK(pictures.recorded("event/never", 100).all == 0);
  const Recorded few = pictures.recorded("cost/labels", 3);
  CHECK(few.step == Steps{1, 10, 20});
  CHECK(few.all == 20);
}

TEST_CASE("phases of a step are told from their ends and their lengths") {
  const host::RunRecord record = MadeUpRun{.loop = true}.record();
  const RunPictures pictures(record);
  const auto turns = pictures.phases({"turn/second_s", "turn/first_s", "turn/never_s"}, 100);
  REQUIRE(turns.size() == 3);
  CHECK(turns[1].step == 2);
  REQUIRE(turns[1].bars.size() == 2);
  CHECK(turns[1].bars[0].metric == "turn/first_s");
  CHECK(turns[1].bars[0].begin_s == Approx(14.25));
  CHECK(turns[1].bars[0].end_s == Approx(14.5));
  CHECK(turns[1].bars[1].end_s == Approx(15));
  const auto ends = pictures.phases({"turn/first_s", "turn/second_s"}, 2);
  REQUIRE(ends.size() == 2);
  CHECK(ends[1].step == 3);
  CHECK(ends[1].bars.size() == 2);  // a step that is kept is kept whole
  CHECK(pictures.phases({"turn/never_s"}, 100).empty());
}

TEST_CASE("layers are whole at each moment, however few moments are kept") {
  const host::RunRecord record = MadeUpRun{.loop = true}.record();
  const RunPictures pictures(record);
  for (const std::size_t most : {100, 4, 2}) {
    const Layers models = pictures.layers("edges/model", most);
    CHECK(models.time_s.size() == std::min<std::size_t>(most, 8));
    for (const auto& moment : models.layers) {
      double sum = 0;
      for (const Layers::Layer& layer : moment) sum += layer.height;
      CHECK(sum == 1);
    }
    CHECK(models.layers.front()[0].number == 1);
    CHECK(models.layers.back().back().number == 5);
  }
  CHECK(pictures.layers("edges/never", 100).time_s.empty());
}

TEST_CASE("parts of a cost between events add up to the whole") {
  const host::RunRecord record = MadeUpRun{.loop = true}.record();
  const RunPictures pictures(record);
  CHECK(pictures.parts_between("cost/labels", "event/model") == Numbers{70, 50, 50, 30});
  CHECK(pictures.parts_between("cost/labels", "event/never") == Numbers{200});
  CHECK(pictures.parts_between("cost/never", "event/model").empty());
}

TEST_CASE("of what is declared, a run keeps the pictures that it recorded something for") {
  const auto titles = [](const host::RunRecord& record) {
    std::vector<std::string> found;
    for (const auto& section : recorded_part(record.declared, record.metrics).sections) {
      if (section.title != "The loop") continue;
      for (const auto& figure : section.figures) found.push_back(figure.title);
    }
    return found;
  };
  host::RunRecord record = MadeUpRun{.loop = true}.record();
  CHECK(titles(record) ==
        std::vector<std::string>{"Accuracy and events", "Models", "One turn", "Costs"});
  const auto kept = recorded_part(record.declared, record.metrics).sections.back().figures[0];
  CHECK(kept.events.size() == 3);  // all of them, so that they look alike in every run
  CHECK(main_metrics(record.declared) == std::vector<std::string>{"test/accuracy", "test/loss"});
  std::erase_if(record.metrics, [](const host::MetricRow& row) {
    return row.name == "edges/model" || row.name.starts_with("cost/");
  });
  CHECK(titles(record) == std::vector<std::string>{"Accuracy and events", "One turn"});
}

}  // namespace skerry::experiments
