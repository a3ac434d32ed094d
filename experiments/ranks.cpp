#include "experiments/ranks.hpp"

#include "experiments/results/build_info.hpp"
#include "sim/mpi/serving.hpp"

namespace skerry::experiments {

namespace {

/// What rank 0 tells the other ranks about a run.
struct Commission {
  ScenarioRequest request;
  std::uint64_t seed = 0;
  unsigned threads = 1;
  template <class A>
  void archive(A& a) {
    a(request.file, request.overrides, request.plugins, seed, threads);
  }
};

/// What a rank answers.
struct Preparation {
  std::string problem;  // why it could not prepare the run
  std::string program;
  std::uint64_t scenario = 0;  // hashes
  std::uint64_t data = 0;
  template <class A>
  void archive(A& a) {
    a(problem, program, scenario, data);
  }
};

std::string own_program() { return program_version() + ", source " + source_commit(); }

Preparation preparation_of(const Setup& setup) {
  RunningHash scenario;
  scenario.add(to_bytes(schema::resolved(setup.scenario).text()));
  scenario.add(to_bytes(std::string(setup.paradigm->numerics())));
  return {.problem = "",
          .program = own_program(),
          .scenario = scenario.value(),
          .data = setup.data->data_set().content_hash};
}

/// What must live as long as a served run, since its paradigm refers to all of it.
struct Ground {
  Document document;
  Setup setup;
};

mpi::Prepared prepare(const Commission& commission) {
  const auto failed = [](const std::string& why) {
    const Preparation failure{.problem = why, .program = own_program()};
    return mpi::Prepared{.answer = to_bytes(failure), .paradigm = nullptr};
  };
  auto document = open_document(commission.request);
  if (!document) return failed(document.message());
  const auto ground = std::make_shared<Ground>(Ground{std::move(*document), {}});
  auto setup = set_up(ground->document, commission.seed);
  if (!setup) return failed(setup.message());
  ground->setup = std::move(*setup);
  return {.answer = to_bytes(preparation_of(ground->setup)),
          .paradigm = std::shared_ptr<const role::Paradigm>(ground, ground->setup.paradigm.get()),
          .threads = commission.threads};
}

}  // namespace

RankedRun::RankedRun(mpi::RemoteRanks& ranks, const ScenarioRequest& request, std::uint64_t seed,
                     unsigned threads)
    : ranks_(ranks) {
  ranks_.begin(to_bytes(Commission{request, seed, threads}), threads);
}

Status RankedRun::agree(const Setup& setup) {
  const Preparation ours = preparation_of(setup);
  unsigned rank = 0;
  Status status;
  for (const ByteVector& answer : ranks_.answers()) {
    ++rank;
    const auto theirs = from_bytes<Preparation>(answer);
    std::string problem;
    if (!theirs || theirs->program != ours.program) {
      problem = "runs another build of skerry";
    } else if (!theirs->problem.empty()) {
      problem = theirs->problem;
    } else if (theirs->scenario != ours.scenario) {
      problem = "reads another scenario than rank 0 from the same file name";
    } else if (theirs->data != ours.data) {
      problem = "has other data than rank 0 (" + setup.data->data_set().origin + ")";
    }
    if (!problem.empty() && status.ok()) status = Failure{ranks_.name(rank) + ": " + problem};
  }
  return status;
}

void serve_ranks(mpi::Channel& channel) {
  mpi::serve(channel, [](std::span<const std::byte> run) {
    const auto commission = from_bytes<Commission>(run);
    SKERRY_CHECK(commission.has_value(), "ranks of one program understand each other");
    return prepare(*commission);
  });
}

}  // namespace skerry::experiments
