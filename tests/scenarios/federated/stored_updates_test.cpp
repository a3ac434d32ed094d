#include <limits>

#include "tests/scenarios/federated/federated_run.hpp"
#include "tests/scenarios/host/stored_copy.hpp"

namespace skerry::federated {
namespace {

/// Notes that something is added to sums.
class NotedParallel final : public Parallel {
 public:
  explicit NotedParallel(std::string& notes) : notes_(notes) {}
  void each(std::size_t parts, const Part& part, Workspace& own) override {
    notes_ += "add ";
    for (std::size_t i = 0; i < parts; ++i) part(i, own);
  }
  std::size_t spare() const override { return 1; }

 private:
  std::string& notes_;
};

role::PayloadRef update_of(std::uint64_t number, const std::vector<RecordSpec>& shape) {
  role::Content content;
  for (const RecordSpec& spec : shape) {
    const auto values = content.payload.add(spec).f32();
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(number + i);
  }
  return role::PayloadRef::of({number, 0}, std::move(content));
}

TEST_CASE("updates in files are read and added one by one, those in memory in one pass") {
  FederatedRun run;
  const parts::UpdatePath& path = run.federation().path();
  const role::JobKinds& jobs = run.staged.paradigm->jobs();
  std::string notes;
  role::Job in_memory, in_files;
  parts::AccumulateBody body;
  for (std::uint64_t i = 0; i < 4; ++i) {
    body.updates.push_back({.node = NodeId::edge(static_cast<std::uint32_t>(i))});
    const auto update = update_of(i, path.opened_shape({}));
    in_memory.inputs.push_back(update);
    in_files.inputs.push_back(stored_copy(update, [&notes, i] {
      const std::string note = "read" + std::to_string(i) + " ";
      if (!notes.ends_with(note)) notes += note;  // an update has several records
    }));
  }
  in_memory.kind = in_files.kind = run.kinds().accumulate;
  in_memory.body = in_files.body = to_bytes(body);
  NotedParallel parallel(notes);
  Workspace workspace(parallel);
  const role::JobResult one = jobs.run(in_memory, workspace);
  CHECK(notes == "add ");
  notes.clear();
  const role::JobResult other = jobs.run(in_files, workspace);
  CHECK(notes == "read0 add read1 add read2 add read3 add ");
  CHECK(one.report == other.report);
  CHECK(role::Encoding(one.outputs[0]).whole() == role::Encoding(other.outputs[0]).whole());
}

TEST_CASE("a run whose updates wait in files ends in the same model") {
  const std::string server = GENERATE("fedavg", "median");
  const std::string changes = R"({"server": ")" + server + R"("})";
  FederatedRun in_memory(changes);
  in_memory.run();
  FederatedRun in_files(changes);
  int reads = 0;
  in_files.updates([&reads](role::Message& message) {
    message.payloads = {stored_copy(message.payloads[0], [&reads] { ++reads; })};
    return std::vector{Duration::milliseconds(10)};
  });
  in_files.run();
  CHECK(in_files.model() == in_memory.model());
  CHECK(reads == 3 * 4 * 2);  // rounds, updates, records: each once
}

TEST_CASE("an update in a file that is not finite is refused when it is looked into") {
  FederatedRun run(R"({"select": {"count": 8}})");
  run.updates([](role::Message& message) {
    if (message.from == NodeId::edge(1)) {
      message.payloads = {stored_copy(altered(message.payloads[0], "delta", [](auto values) {
        values[0] = std::numeric_limits<float>::infinity();
      }))};
    }
    return std::vector{Duration::milliseconds(10)};
  });
  run.run();
  CHECK(run.last("updates/refused/not finite") == 3);
}

}  // namespace
}  // namespace skerry::federated
