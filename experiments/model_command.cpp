// `skerry model`: list, show, diff, tag, rollback; and `skerry data list`.
#include "experiments/model_command.hpp"

#include <cstdio>
#include <filesystem>
#include <variant>

#include "algorithms/sdk/printable.hpp"
#include "experiments/command.hpp"
#include "experiments/live_folder.hpp"
#include "experiments/live_options.hpp"
#include "experiments/models/model_diff.hpp"
#include "experiments/models/model_words.hpp"
#include "experiments/results/run_folder.hpp"
#include "experiments/sub_commands.hpp"
#include "real/status_client.hpp"
#include "scenarios/schema/json.hpp"

namespace skerry::experiments {

namespace {

namespace fs = std::filesystem;
namespace po = boost::program_options;

/// The folder with the models of the run in `folder`: its results, finished or not, or the state
/// folder of its live cloud. Errors: there are none, and what is there instead.
Result<fs::path> find_models(const fs::path& folder) {
  std::error_code error;
  if (!fs::is_directory(folder, error)) {
    return wrong_input(folder.string() + ": no such folder");
  }
  if (holds_models(folder / kModelsName)) return folder / kModelsName;
  if (holds_models(folder)) return folder;
  if (const auto results = LiveFolder::results_of(folder)) {
    if (holds_models(*results / kModelsName)) return *results / kModelsName;
    return wrong_input(folder.string() + ": no model has been made yet; the first one will be in " +
                       results->string());
  }
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    if (!holds_models(entry.path() / kModelsName)) continue;
    return wrong_input(folder.string() + ": holds several runs; name one of them, such as " +
                       entry.path().string());
  }
  return wrong_input(folder.string() +
                     ": has no list of models: it is not a run's folder, no model has been made "
                     "yet, or an older Skerry made it");
}

/// Adds the positional arguments and --format to `options`, parses them, and reads the models of
/// the run whose folder comes first.
/// @param models  how many models of it are named after the folder, at most two.
/// @return the models, or the exit code if the command is over: after --help, or after saying what
///         is wrong.
std::variant<int, StoredModels> open_models(Options& options, std::size_t models,
                                            std::span<const std::string> arguments) {
  static constexpr const char* kNeeded[] = {"the folder of a run is needed",
                                            "the folder of a run and a model are needed",
                                            "the folder of a run and two models are needed"};
  options.positional("words", static_cast<int>(1 + models));
  options.add_format();
  if (const auto code = options.parse(arguments)) return *code;
  if (options.list("words").size() != 1 + models) return options.complain(kNeeded[models]);
  const auto folder = find_models(options.list("words").front());
  if (!folder) return fail(folder.message(), exit_code_of(folder.failure()));
  auto read = read_models(*folder);
  if (!read) return fail(read.message(), exit_code_of(read.failure()));
  return std::move(*read);
}

/// The model that positional argument `place` names; 0 after saying why there is none.
role::ModelVersion model_at(const Options& options, std::size_t place, const StoredModels& models) {
  const auto named = models.named(options.list("words")[place]);
  if (named) return *named;
  fail(options.list("words").front() + ": " + named.message(), kUserError);
  return 0;
}

int print(const Options& options, const std::string& text, const ConfigNode& node) {
  std::fputs((options.json() ? schema::write_json(node) : text).c_str(), stdout);
  return kDone;
}

int list_models(std::span<const std::string> arguments) {
  Options options("model list FOLDER [OPTIONS]",
                  "The models of a run: FOLDER has its results, finished or not, or the state of "
                  "its live cloud.");
  const auto opened = open_models(options, 0, arguments);
  if (const int* code = std::get_if<int>(&opened)) return *code;
  const auto& models = std::get<StoredModels>(opened);
  return print(options, models_text(models), models_node(models));
}

int show_model(std::span<const std::string> arguments) {
  Options options("model show FOLDER MODEL [OPTIONS]",
                  "All that is known of a model, and what it came from and led to. MODEL is its "
                  "number, a tag, or its hash.");
  const auto opened = open_models(options, 1, arguments);
  if (const int* code = std::get_if<int>(&opened)) return *code;
  const auto& models = std::get<StoredModels>(opened);
  const role::ModelVersion version = model_at(options, 1, models);
  if (version == 0) return kUserError;
  return print(options, model_text(models, version), model_node(models, version));
}

int diff_models(std::span<const std::string> arguments) {
  Options options("model diff FOLDER MODEL MODEL [OPTIONS]",
                  "Two models of a run: metrics, data, and how far apart their parameters are.");
  const auto opened = open_models(options, 2, arguments);
  if (const int* code = std::get_if<int>(&opened)) return *code;
  const auto& models = std::get<StoredModels>(opened);
  const role::ModelVersion first = model_at(options, 1, models);
  const role::ModelVersion second = first == 0 ? 0 : model_at(options, 2, models);
  if (second == 0) return kUserError;
  const auto diff = difference(models, first, second);
  if (!diff) return fail(diff.message(), exit_code_of(diff.failure()));
  return print(options, diff_text(*diff), diff_node(*diff));
}

/// Tells the cloud of a live run what an operator wants. @return the exit code.
int tell(const Options& options, const std::string& command) {
  const std::string cloud = options.list("words").front();
  std::error_code error;
  if (fs::is_directory(cloud, error)) {
    return fail(cloud +
                    ": the models of a run belong to its cloud; a folder has a copy of what it "
                    "knows, and nothing there can be changed. Give the address of the live cloud, "
                    "HOST:PORT; the models of a run that is over stay as they are",
                kUserError);
  }
  const auto keys = operator_of(options, cloud);
  if (!keys) return options.complain(keys.message());
  const auto said = real::send_command(cloud, keys.value(), command);
  if (!said) return fail(said.message(), kWorldFailed);
  if (!said->done) return fail("refused: " + printable(said->text), kUserError);
  std::printf("%s\n", printable(said->text).c_str());
  return kDone;
}

/// Whether the cloud reads it as one word.
bool is_word(const std::string& text) { return text.find(' ') == std::string::npos; }

int tag_model(std::span<const std::string> arguments) {
  Options options("model tag HOST:PORT MODEL TAG (--keys FOLDER | --plaintext) [OPTIONS]",
                  "Gives a model of a live run a tag.");
  options.positional("words", 3);
  options.add()("remove", "take the tag away");
  add_operator_options(options);
  if (const auto code = options.parse(arguments)) return *code;
  const auto words = options.list("words");
  if (words.size() != 3)
    return options.complain("the cloud's address, a model and a tag are needed");
  if (!is_word(words[1]) || !is_word(words[2])) {
    return options.complain("a model is named by one word, and so is a tag");
  }
  return tell(options, (options.has("remove") ? "untag " : "tag ") + words[1] + " " + words[2]);
}

int roll_back(std::span<const std::string> arguments) {
  Options options("model rollback HOST:PORT (--keys FOLDER | --plaintext) [OPTIONS]",
                  "Every edge of a live run goes back to the model that was deployed before.");
  options.positional("words", 1);
  options.add()("to", po::value<std::string>(), "to this model instead: its number, tag or hash");
  add_operator_options(options);
  if (const auto code = options.parse(arguments)) return *code;
  if (options.list("words").size() != 1) return options.complain("the cloud's address is needed");
  const std::string to = options.has("to") ? options.get<std::string>("to") : "";
  if (!is_word(to)) return options.complain("--to: a model is named by one word");
  return tell(options, to.empty() ? "rollback" : "rollback " + to);
}

}  // namespace

int data_list_command(std::span<const std::string> arguments) {
  Options options("data list FOLDER [OPTIONS]",
                  "What the models of a run were trained on: a hash of the examples, how many, "
                  "and which models.");
  const auto opened = open_models(options, 0, arguments);
  if (const int* code = std::get_if<int>(&opened)) return *code;
  const auto& models = std::get<StoredModels>(opened);
  return print(options, data_text(models), data_node(models));
}

int model_command(std::span<const std::string> arguments) {
  static constexpr SubCommand kAll[] = {
      {"list", list_models, "the models of a run"},
      {"show", show_model, "all that is known of one, and its lineage"},
      {"diff", diff_models, "two of them: metrics, data, parameters"},
      {"tag", tag_model, "gives a model of a live run a tag"},
      {"rollback", roll_back, "has every edge of a live run go back to an earlier model"}};
  return run_sub_command("model", kAll, arguments);
}

}  // namespace skerry::experiments
