#include <fcntl.h>
#include <unistd.h>

#include <fstream>
#include <sstream>

#include "datasets/npz.hpp"
#include "experiments/command.hpp"
#include "experiments/results/metrics_h5.hpp"
#include "tests/catch.hpp"
#include "tests/datasets/scratch_folder.hpp"
#include "tests/experiments/results/made_up_run.hpp"

namespace skerry::experiments {

using datasets::ScratchFolder;
namespace fs = std::filesystem;

namespace {

struct Outcome {
  int code;
  std::string out;
  std::string error;
};

/// Sends one of the process's streams to a file while it lives.
class Redirected {
 public:
  Redirected(std::FILE* stream, const fs::path& file) : stream_(stream) {
    std::fflush(stream);
    kept_ = ::dup(::fileno(stream));
    const int to = ::open(file.c_str(), O_CREAT | O_TRUNC | O_WRONLY, 0600);
    ::dup2(to, ::fileno(stream));
    ::close(to);
  }
  ~Redirected() {
    std::fflush(stream_);
    ::dup2(kept_, ::fileno(stream_));
    ::close(kept_);
  }

 private:
  std::FILE* stream_;
  int kept_;
};

std::string text_of(const fs::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

Outcome call(const ScratchFolder& scratch, Command command, std::vector<std::string> arguments) {
  Outcome outcome{};
  {
    const Redirected out(stdout, scratch / "out.txt");
    const Redirected error(stderr, scratch / "error.txt");
    outcome.code = command(arguments);
  }
  outcome.out = text_of(scratch / "out.txt");
  outcome.error = text_of(scratch / "error.txt");
  return outcome;
}

std::size_t lines(const std::string& text) {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

}  // namespace

TEST_CASE("report writes a page into the first run and a summary to the terminal") {
  const ScratchFolder scratch;
  const fs::path run = MadeUpRun().write(scratch / "run");
  const Outcome done = call(scratch, report_command, {run.string()});
  CHECK(done.code == kDone);
  CHECK(done.out.find("test accuracy") != std::string::npos);
  CHECK(done.out.find((run / "report.html").string()) != std::string::npos);
  CHECK(text_of(run / "report.html").starts_with("<!doctype html>"));
  const Outcome elsewhere =
      call(scratch, report_command, {run.string(), "--out", (scratch / "p.html").string()});
  CHECK(elsewhere.code == kDone);
  CHECK(fs::exists(scratch / "p.html"));
}

TEST_CASE("report says in one line what is wrong") {
  const ScratchFolder scratch;
  const Outcome none = call(scratch, report_command, {});
  CHECK(none.code == kUserError);
  CHECK(none.error ==
        "skerry: the folder of a run is needed; usage: skerry report RUN… [--out FILE]\n");
  const Outcome gone = call(scratch, report_command, {(scratch / "gone").string()});
  CHECK(gone.code == kUserError);
  CHECK(gone.error == "skerry: " + (scratch / "gone").string() + ": no such folder\n");
  const Outcome option = call(scratch, report_command, {"--colour"});
  CHECK(option.code == kUserError);
  CHECK(lines(option.error) == 1);
  const fs::path run = MadeUpRun().write(scratch / "run");
  const Outcome nowhere =
      call(scratch, report_command, {run.string(), "--out", (scratch / "no/p.html").string()});
  CHECK(nowhere.code == kUserError);
  CHECK(nowhere.error == "skerry: " + (scratch / "no/p.html").string() + ": " +
                             (scratch / "no").string() + " does not exist\n");
}

TEST_CASE("help is an answer, not an error") {
  const ScratchFolder scratch;
  for (const Command command : {report_command, export_command}) {
    const Outcome help = call(scratch, command, {"--help"});
    CHECK(help.code == kDone);
    CHECK(help.out.starts_with("usage: skerry "));
    CHECK(help.error.empty());
  }
}

TEST_CASE("export builds metrics.h5 anew, copies the model and joins tables") {
  const ScratchFolder scratch;
  const fs::path run = MadeUpRun().write(scratch / "run");
  fs::remove(run / "metrics.h5");
  const Outcome done =
      call(scratch, export_command,
           {run.string(), "--h5", (run / "metrics.h5").string(), "--npz",
            (scratch / "m.npz").string(), "--csv", (scratch / "m.csv").string(), "--wide", "-"});
  CHECK(done.code == kDone);
  CHECK(read_metrics_h5(run / "metrics.h5").value().metrics == MadeUpRun().record().metrics);
  CHECK(datasets::read_npz(scratch / "m.npz").value().size() == 2);
  CHECK(text_of(scratch / "m.csv").starts_with("run,seed,name,"));
  CHECK(done.out.starts_with("run,seed,step,time_s,"));
}

TEST_CASE("a run's own files, and what is not a page, are never written over") {
  const ScratchFolder scratch;
  const fs::path run = MadeUpRun().write(scratch / "run");
  const std::string own = (run / "metrics.csv").string();
  const std::string before = text_of(own);
  const Outcome exported = call(scratch, export_command, {run.string(), "--csv", own, "--force"});
  CHECK(exported.code == kUserError);
  CHECK_THAT(exported.error, Catch::Contains("belongs to a run, and is never replaced"));
  const fs::path other = scratch.put("scenario.json", "{}");
  for (const std::string& file : {own, other.string()}) {
    const Outcome drawn = call(scratch, report_command, {run.string(), "-o", file});
    CHECK(drawn.code == kUserError);
    CHECK_THAT(drawn.error, Catch::Contains("exists and is not an earlier page"));
  }
  CHECK(text_of(own) == before);
  CHECK(text_of(other) == "{}");
  for (int time = 0; time < 2; ++time) {
    CHECK(call(scratch, report_command, {run.string()}).code == kDone);
  }
}

TEST_CASE("export refuses what it cannot do, and to replace a file unasked") {
  const ScratchFolder scratch;
  MadeUpRun{.seed = 1}.write(scratch / "many" / "1");
  MadeUpRun{.seed = 2}.write(scratch / "many" / "2");
  const std::string many = (scratch / "many").string();
  CHECK(call(scratch, export_command, {many}).error ==
        "skerry: say what to write: --csv, --wide, --h5 or --npz; usage: skerry export RUN… "
        "(--csv|--wide|--h5|--npz) FILE\n");
  const Outcome several = call(scratch, export_command, {many, "--h5", (scratch / "x").string()});
  CHECK(several.code == kUserError);
  CHECK(several.error == "skerry: --h5 takes one run; --csv and --wide take several\n");
  const fs::path old = scratch.put("old.csv", "precious");
  const Outcome kept = call(scratch, export_command, {many, "--csv", old.string()});
  CHECK(kept.code == kUserError);
  CHECK(kept.error == "skerry: " + old.string() + ": exists; --force replaces it\n");
  CHECK(text_of(old) == "precious");
  CHECK(call(scratch, export_command, {many, "--csv", old.string(), "--force"}).code == kDone);
  CHECK(text_of(old).starts_with("run,seed,"));
}

TEST_CASE("export refuses files that would undo each other, and binary ones on a terminal") {
  const ScratchFolder scratch;
  const std::string run = MadeUpRun().write(scratch / "run").string();
  const std::string file = (scratch / "t.csv").string();
  const auto says = [&](std::vector<std::string> words, const std::string& text) {
    words.insert(words.begin(), run);
    const Outcome outcome = call(scratch, export_command, words);
    CHECK(outcome.code == kUserError);
    CHECK(lines(outcome.error) == 1);
    CHECK(outcome.out.empty());
    CHECK_THAT(outcome.error, Catch::Contains(text));
  };
  says({"--csv", file, "--wide", (scratch / "run/../t.csv").string()},
       "--csv and --wide both name ");
  says({"--csv", "-", "--wide", "-"}, "--csv and --wide both name -");
  says({"--h5", "-"}, "--h5 -: this form is no text");
  says({"--npz", "-"}, "--npz -: this form is no text");
  for (const char* form : {"--csv", "--h5", "--npz"}) {
    says({form, (scratch / "no/file").string()}, (scratch / "no").string() + " does not exist");
  }
  CHECK(!fs::exists(file));
}

TEST_CASE("a run that is named twice is refused") {
  const ScratchFolder scratch;
  const std::string one = MadeUpRun{.seed = 1}.write(scratch / "many" / "1").string();
  MadeUpRun{.seed = 2}.write(scratch / "many" / "2");
  const std::string many = (scratch / "many").string();
  for (const std::string& again : {one + "/", (scratch / "many/2/../1").string(), many}) {
    const Outcome drawn = call(scratch, report_command, {one, again});
    CHECK(drawn.code == kUserError);
    CHECK_THAT(drawn.error, Catch::EndsWith(": this run is named twice; name it once\n"));
    CHECK(call(scratch, export_command, {one, again, "--csv", "-"}).code == kUserError);
  }
}

}  // namespace skerry::experiments
