// The program on several ranks, as mpirun starts it.
#include "tests/experiments/program/program.hpp"

namespace skerry {
namespace {

namespace fs = std::filesystem;

std::string shipped(const std::string& name) {
  return std::string(SKERRY_SOURCE_DIR) + "/experiments/" + name + ".json";
}

bool built_with_mpi() { return has(run_skerry({"version"}).out, "Open MPI"); }

/// Whether ranks can be started here. Warns if they cannot.
bool ranks_are_there() {
  const datasets::ScratchFolder folder;
  if (built_with_mpi() && run_in(folder.path(), {"mpirun", "--version"}).code == 0) return true;
  WARN("the program was built without MPI, or there is no mpirun: ranks were not tried");
  return false;
}

Words on_ranks(unsigned ranks, const Words& words) {
  Words all{"mpirun", "--allow-run-as-root", "--oversubscribe", "-n", std::to_string(ranks)};
  all.insert(all.end(), words.begin(), words.end());
  return all;
}

/// Makes jobs large enough to be given to other ranks: small ones stay where they came up.
const Words kLarge{"--set", "model.hidden=[256, 128]"};

/// `skerry run` of a scenario with one thread a rank.
Words run_words(const std::string& scenario, const std::string& out, const Words& more = {}) {
  Words words = skerry_words({"run", scenario, "--threads", "1", "--out", out});
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

/// A run's fingerprints, and every metric that it recorded.
std::string bits(const fs::path& out, const std::string& said) {
  const auto line = said.find("fingerprints");
  REQUIRE(line != std::string::npos);
  return said.substr(line, said.find('\n', line) - line) + "\n" + text_of_file(out / "metrics.csv");
}

TEST_CASE("one to four ranks that mpirun starts end in the same bits") {
  if (!ranks_are_there()) return;
  const std::string name =
      GENERATE(values<std::string>({"fedavg-blobs", "scaffold-pathological-blobs", "joint-blobs"}));
  INFO(name);
  const datasets::ScratchFolder folder;
  const Words large = name == "joint-blobs" ? Words() : kLarge;
  const Ended first = run_in(folder.path(), run_words(shipped(name), "alone", large));
  const std::string alone = bits(folder / "alone", good(first));
  CHECK(has(alone, "\n"));
  for (const unsigned ranks : {1u, 2u, 3u, 4u}) {
    INFO(ranks << " ranks");
    const std::string out = std::to_string(ranks);
    const Ended ended =
        run_in(folder.path(), on_ranks(ranks, run_words(shipped(name), out, large)));
    CHECK(bits(folder / out, good(ended)) == alone);
  }
}

TEST_CASE("a learning loop on two ranks, with rounds inside, ends in the same bits") {
  if (!ranks_are_there()) return;
  const datasets::ScratchFolder folder;
  const std::string loop = shipped("incremental-canary-blobs");
  const Words some{"--set", "until=80 min"};
  const std::string alone =
      bits(folder / "alone", good(run_in(folder.path(), run_words(loop, "alone", some))));
  const Ended two = run_in(folder.path(), on_ranks(2, run_words(loop, "two", some)));
  CHECK(bits(folder / "two", good(two)) == alone);
  CHECK(text_of_file(folder / "two/metrics.csv") == text_of_file(folder / "alone/metrics.csv"));
}

TEST_CASE("rank 0 alone says and keeps how a run goes on") {
  if (!ranks_are_there()) return;
  const datasets::ScratchFolder folder;
  const Words more{"--progress-every", "0", "--set", R"(stop={"any": [{"rounds": 2}]})"};
  const Ended ended =
      run_in(folder.path(), on_ranks(2, run_words(shipped("fedavg-blobs"), "out", more)));
  good(ended);
  INFO(ended.err);
  const auto once = [](const std::string& text, const std::string& part) {
    return has(text, part) && text.find(part) == text.rfind(part);
  };
  CHECK(has(ended.err, "round 1/2"));
  CHECK(once(text_of_file(folder / "out/log.txt"), "started: "));
  CHECK(once(text_of_file(folder / "out/log.txt"), "ended: 2 rounds"));
}

TEST_CASE("several seeds run one after another on the same ranks") {
  if (!ranks_are_there()) return;
  const datasets::ScratchFolder folder;
  const Words seeds{"--seeds", "3..4", "--set", R"(stop={"any": [{"rounds": 2}]})"};
  good(run_in(folder.path(), run_words(shipped("fedavg-blobs"), "alone", seeds)));
  good(run_in(folder.path(), on_ranks(2, run_words(shipped("fedavg-blobs"), "two", seeds))));
  for (const std::string seed : {"seed3", "seed4"}) {
    const std::string metrics = text_of_file(folder / ("alone/" + seed + "/metrics.csv"));
    CHECK(metrics != "");
    CHECK(text_of_file(folder / ("two/" + seed + "/metrics.csv")) == metrics);
  }
}

/// The process of one rank of the program that works in a folder; 0 if there is none.
pid_t process_of_rank(const fs::path& folder, const std::string& rank) {
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator("/proc", ignored)) {
    const std::string name = entry.path().filename().string();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    if (fs::read_symlink(entry.path() / "cwd", ignored) != fs::canonical(folder)) continue;
    const std::string environment = text_of_file(entry.path() / "environ");
    if (has(environment, std::string("OMPI_COMM_WORLD_RANK=") + rank + '\0')) {
      return std::stoi(name);
    }
  }
  return 0;
}

std::size_t files_in(const fs::path& folder) {
  std::error_code none;
  std::size_t count = 0;
  for ([[maybe_unused]] const auto& file : fs::directory_iterator(folder, none)) ++count;
  return count;
}

TEST_CASE("a rank that is killed ends the run with an error, and it goes on from there",
          "[.long]") {
  if (!ranks_are_there()) return;
  const std::string killed = GENERATE("0", "1");
  INFO("rank " << killed << " is killed");
  const datasets::ScratchFolder folder;
  const std::string scenario = shipped("scaffold-pathological-blobs");
  const Words rounds{"--set", R"(stop={"any": [{"rounds": 100}]})", kLarge[0], kLarge[1]};
  const std::string whole =
      bits(folder / "whole", good(run_in(folder.path(), run_words(scenario, "whole", rounds))));

  Words saving = rounds;
  saving.insert(saving.end(), {"--checkpoint-every", "0"});
  Running running(folder.path(), on_ranks(2, run_words(scenario, "out", saving)));
  while (!running.over() && files_in(folder / "out.checkpoints") < 2) usleep(1000);
  const pid_t rank = process_of_rank(folder.path(), killed);
  REQUIRE(rank > 0);
  kill(rank, SIGKILL);
  const Ended ended = running.wait();
  INFO("standard error: " << ended.err);
  CHECK(ended.code != 0);
  CHECK_FALSE(fs::exists(folder / "out/manifest.json"));
  CHECK((has(ended.err, "skerry: rank 1 (on ") || has(ended.err, "signal 9 (Killed)")));

  Words resumed = rounds;
  resumed.push_back("--resume");
  const Ended done = run_in(folder.path(), on_ranks(3, run_words(scenario, "out", resumed)));
  CHECK(bits(folder / "out", good(done)) == whole);
}

TEST_CASE("what is wrong with a scenario is said once, by rank 0") {
  if (!ranks_are_there()) return;
  const datasets::ScratchFolder folder;
  const Ended ended = run_in(folder.path(), on_ranks(3, run_words("nothing.json", "out")));
  INFO(ended.err);
  CHECK(ended.code == 2);
  const std::string complaint = "nothing.json: cannot be read";
  REQUIRE(has(ended.err, complaint));
  CHECK(ended.err.find(complaint) == ended.err.rfind(complaint));
}

/// Exit codes and output of a command's ranks, started as by a launcher.
std::vector<Ended> as_ranks(const Words& arguments) {
  std::vector<Ended> ranks;
  for (const std::string rank : {"0", "1"}) {
    const datasets::ScratchFolder folder;
    Words words{"env", "OMPI_COMM_WORLD_SIZE=2", "OMPI_COMM_WORLD_RANK=" + rank};
    for (const std::string& word : skerry_words(arguments)) words.push_back(word);
    ranks.push_back(run_in(folder.path(), words));
  }
  return ranks;
}

TEST_CASE("what one process does is done by rank 0 alone, and said once") {
  const std::string scenario = shipped("fedavg-blobs");
  for (const Words& words :
       {Words{"list", "attack"}, Words{"describe", "fedprox"}, Words{"validate", scenario},
        Words{"version"}, Words{"help"}, Words{"report"}, Words{"cloud", "nothing.json"},
        Words{"nonsense"}, Words{}}) {
    INFO((words.empty() ? "no command" : words[0]));
    const auto ranks = as_ranks(words);
    CHECK(ranks[0].out + ranks[0].err != "");
    CHECK(ranks[1].out + ranks[1].err == "");
    CHECK((ranks[1].code == 0 || ranks[1].code == ranks[0].code));
  }
}

TEST_CASE("a rank that alone is sent a signal ends when the grace is over") {
  if (!ranks_are_there()) return;
  const datasets::ScratchFolder folder;
  const Words endless{"--set", R"(stop={"any": [{"rounds": 1000000}]})", "--stop-grace", "500 ms"};
  Running running(folder.path(), on_ranks(2, run_words(shipped("fedavg-blobs"), "out", endless)));
  pid_t rank = 0;
  while (!running.over() && rank == 0) {
    usleep(10'000);
    rank = process_of_rank(folder.path(), "1");
  }
  REQUIRE(rank > 0);
  sleep(1);  // until it handles its signals
  kill(rank, SIGTERM);
  const Ended ended = running.wait();
  INFO("standard error: " << ended.err);
  CHECK(ended.code != 0);
  CHECK(has(ended.err, "that was rank 1"));
}

TEST_CASE("ranks that read different scenarios refuse to run") {
  if (!ranks_are_there()) return;
  const datasets::ScratchFolder folder;
  const std::string text = text_of_file(shipped("fedavg-blobs"));
  folder.put("0/scenario.json", text);
  std::string other = text;
  const std::string rate = "\"learning_rate\": 0.1";
  REQUIRE(has(other, rate));
  other.replace(other.find(rate), rate.size(), "\"learning_rate\": 0.2");
  folder.put("1/scenario.json", other);
  std::string command = "cd $OMPI_COMM_WORLD_RANK &&";
  for (const std::string& word : run_words("scenario.json", "out")) command += " " + word;
  const Ended ended = run_in(folder.path(), on_ranks(2, {"sh", "-c", command}));
  INFO(ended.err);
  CHECK(ended.code == 2);
  CHECK(has(ended.err, "reads another scenario than rank 0 from the same file name"));
  CHECK(has(ended.err, "rank 1 (on "));
}

TEST_CASE("a program without MPI refuses to be one of several ranks") {
  if (built_with_mpi()) return;
  const datasets::ScratchFolder folder;
  for (const std::string rank : {"0", "1"}) {
    Words words{"env", "OMPI_COMM_WORLD_SIZE=2", "OMPI_COMM_WORLD_RANK=" + rank};
    for (const std::string& word : run_words(shipped("fedavg-blobs"), "out")) words.push_back(word);
    const Ended ended = run_in(folder.path(), words);
    if (rank == "0") {
      check_complaint(ended, 2,
                      "skerry: started as one of 2 processes: this program was built without MPI");
    } else {
      CHECK(ended.code == 2);
      CHECK(ended.err == "");
    }
  }
}

}  // namespace
}  // namespace skerry
