#include <cstdio>
#include <filesystem>
#include <map>

#include "datasets/file_bytes.hpp"
#include "experiments/command.hpp"
#include "experiments/options.hpp"
#include "experiments/results/export.hpp"
#include "experiments/results/metrics_h5.hpp"
#include "experiments/results/model_file.hpp"

namespace skerry::experiments {

namespace fs = std::filesystem;

namespace {

Status write_text(const std::string& file, const std::string& text) {
  if (file != "-") return datasets::write_file(file, text);
  std::fputs(text.c_str(), stdout);
  return {};
}

Status export_h5(const StoredRun& run, const fs::path& file) {
  const fs::path temporary = datasets::temporary_beside(file);
  const Status status =
      write_metrics_h5(temporary, {run.record.scenario, to_node(run.manifest), run.record.metrics,
                                   run.record.spans, run.record.declared});
  if (status) return datasets::commit_file(temporary, file);
  std::error_code ignored;
  fs::remove(temporary, ignored);
  return status;
}

Status export_model(const StoredRun& run, const fs::path& file) {
  const fs::path source = run.folder / "model.npz";
  if (run.manifest.model_sha256.empty()) {
    return wrong_input(run.folder.string() + ": this run made no model");
  }
  const auto payload = read_model(source, run.manifest);
  return payload ? write_model(file, payload->at("model")) : wrong_input(payload.message());
}

constexpr const char* kForms[] = {"csv", "wide", "h5", "npz"};

/// Says what is wrong with the names of the files; empty if nothing is.
std::string fault_in_names(const Options& options) {
  std::map<fs::path, std::string> forms;
  for (const char* form : kForms) {
    if (!options.has(form)) continue;
    const std::string option = std::string("--") + form;
    const auto file = options.get<std::string>(form);
    const bool binary = form == std::string_view("h5") || form == std::string_view("npz");
    if (binary && file == "-") {
      return option + " -: this form is no text and goes into a file, not to standard output";
    }
    std::error_code ignored;
    const fs::path place = file == "-" ? fs::path(file) : fs::weakly_canonical(file, ignored);
    const auto [other, is_new] = forms.emplace(place, option);
    if (!is_new) return other->second + " and " + option + " both name " + file;
  }
  return {};
}

/// Says what is wrong with the request; empty if nothing is.
std::string fault_of(const Options& options, const std::vector<RunGroup>& groups) {
  const bool one = groups.size() == 1 && groups[0].runs.size() == 1;
  for (const char* form : {"h5", "npz"}) {
    if (options.has(form) && !one) {
      return std::string("--") + form + " takes one run; --csv and --wide take several";
    }
  }
  for (const char* form : kForms) {
    if (!options.has(form)) continue;
    const auto file = options.get<std::string>(form);
    // metrics.h5 is the one file of a run that can be made again from the others.
    const bool anew = form == std::string_view("h5") && fs::path(file).filename() == "metrics.h5";
    if (belongs_to_run(file) && !anew) return file + ": belongs to a run, and is never replaced";
    if (file == "-") continue;
    if (const Status there = datasets::check_folder_of(file); !there) return there.message();
    std::error_code ignored;
    if (options.has("force") || !fs::exists(file, ignored)) continue;
    return file + ": exists; --force replaces it";
  }
  return {};
}

}  // namespace

int export_command(std::span<const std::string> arguments) {
  namespace po = boost::program_options;
  Options options(
      "export RUN… (--csv|--wide|--h5|--npz) FILE",
      "Writes what runs measured, or the model that one made, for other programs. RUN is a "
      "run's folder, or a\nfolder with a run for each of several seeds. FILE may be - for "
      "the two tables.");
  options.add()("csv", po::value<std::string>(), "all runs in one tidy table, a number a row")(
      "wide", po::value<std::string>(), "all runs in one table, a step a row, a metric a column")(
      "h5", po::value<std::string>(), "metrics.h5, built anew from the run's other files")(
      "npz", po::value<std::string>(), "the final model, checked against the manifest")(
      "force", "replace files that exist");
  options.positional("run", -1);
  if (const auto code = options.parse(arguments)) return *code;
  const auto names = options.list("run");
  if (names.empty()) return options.complain("the folder of a run is needed");
  bool asked = false;
  for (const char* form : kForms) asked = asked || options.has(form);
  if (!asked) return options.complain("say what to write: --csv, --wide, --h5 or --npz");
  const std::string clash = fault_in_names(options);
  if (!clash.empty()) return options.complain(clash);
  const auto groups = read_groups({names.begin(), names.end()});
  const std::string fault = groups ? fault_of(options, *groups) : groups.message();
  if (!fault.empty()) {
    std::fprintf(stderr, "skerry: %s\n", fault.c_str());
    return kUserError;
  }
  const StoredRun& first = groups->front().runs.front();
  Status status;
  if (options.has("csv")) {
    status = write_text(options.get<std::string>("csv"), combined_csv(*groups));
  }
  if (status && options.has("wide")) {
    const WideTable table = wide_table(*groups);
    status = write_text(options.get<std::string>("wide"), table.csv);
    if (table.left_out > 0) {
      std::fprintf(
          stderr,
          "skerry: --wide shows the last value of a metric in a step; %llu earlier ones are "
          "in --csv alone\n",
          static_cast<unsigned long long>(table.left_out));
    }
  }
  if (status && options.has("h5")) status = export_h5(first, options.get<std::string>("h5"));
  if (status && options.has("npz")) status = export_model(first, options.get<std::string>("npz"));
  if (status) return kDone;
  std::fprintf(stderr, "skerry: %s\n", status.message().c_str());
  return exit_code_of(status.failure());
}

}  // namespace skerry::experiments
