#include <cstdlib>

#include "tests/catch.hpp"
#include "tests/datasets/scratch_folder.hpp"
#include "tests/experiments/results/made_up_run.hpp"

namespace skerry::experiments {

using datasets::ScratchFolder;
namespace fs = std::filesystem;

namespace {

const fs::path kNotebooks = fs::path(SKERRY_SOURCE_DIR) / "notebooks";

bool works(const std::string& command) {
  return std::system((command + " > /dev/null 2>&1").c_str()) == 0;
}

/// Without Jupyter: runs the code cells as one program, in the notebook's folder as Jupyter does.
constexpr const char* kPlainRunner = R"(
import json, os, sys
import matplotlib
matplotlib.use('Agg')
cells = json.load(open(sys.argv[1]))['cells']
os.chdir(os.path.dirname(sys.argv[1]))
exec(compile('\n'.join(''.join(c['source']) for c in cells if c['cell_type'] == 'code'), sys.argv[1], 'exec'), {})
)";

}  // namespace

TEST_CASE("every notebook runs from top to bottom, on the run that its README names", "[.long]") {
  if (!works("/usr/bin/python3 -c 'import h5py, pandas, matplotlib'")) {
    WARN("skipped: /usr/bin/python3 has no h5py, pandas or matplotlib");
    return;
  }
  const ScratchFolder scratch;
  MadeUpRun{.thresholds = 5}.write(scratch / "runs" / "some");
  fs::copy(kNotebooks, scratch / "notebooks");
  const bool jupyter = works("/usr/bin/jupyter nbconvert --version") &&
                       works("/usr/bin/python3 -c 'import ipykernel'");
  const std::string runner = scratch.put("runner.py", kPlainRunner).string();
  std::size_t count = 0;
  for (const auto& entry : fs::directory_iterator(scratch / "notebooks")) {
    if (entry.path().extension() != ".ipynb") continue;
    ++count;
    INFO(entry.path());
    const std::string inside =
        "cd " + scratch.path().string() +
        " && SKERRY_RUN=runs/some MPLCONFIGDIR=" + (scratch / "mpl").string() + " ";
    const std::string program =
        jupyter ? "/usr/bin/jupyter nbconvert --to notebook --execute --output-dir=" +
                      scratch.path().string() + " "
                : "/usr/bin/python3 " + runner + " ";
    CHECK(std::system((inside + program + entry.path().string() + " > log.txt 2>&1 || " +
                       "(tail -n 20 log.txt; false)")
                          .c_str()) == 0);
  }
  CHECK(count > 0);
}

TEST_CASE("notebooks are kept without outputs") {
  if (!works("command -v python3")) {
    WARN("skipped: there is no python3");
    return;
  }
  for (const auto& entry : fs::directory_iterator(kNotebooks)) {
    if (entry.path().extension() != ".ipynb") continue;
    INFO(entry.path());
    CHECK(
        works("python3 -c \"import json, sys; cells = json.load(open(sys.argv[1]))['cells']; "
              "sys.exit(any(c.get('outputs') or c.get('execution_count') for c in cells))\" " +
              entry.path().string()));
  }
}

}  // namespace skerry::experiments
