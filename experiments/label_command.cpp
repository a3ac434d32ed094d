// `skerry label`: questions, send.
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <iterator>

#include "algorithms/sdk/printable.hpp"
#include "algorithms/sdk/problems.hpp"
#include "experiments/command.hpp"
#include "experiments/live_options.hpp"
#include "experiments/sub_commands.hpp"
#include "real/label_client.hpp"
#include "scenarios/host/durable_file.hpp"
#include "scenarios/schema/json.hpp"

namespace skerry::experiments {

namespace {

namespace fs = std::filesystem;
namespace po = boost::program_options;

/// The text of a file; of standard input, if it is called "-".
Result<std::string> text_of(const std::string& file) {
  if (file == "-") return std::string(std::istreambuf_iterator<char>(std::cin), {});
  const auto bytes = host::read_file(file);
  if (!bytes) return bytes.failure();
  return std::string(reinterpret_cast<const char*>(bytes->data()), bytes->size());
}

ConfigNode node_of(const real::LabelsSaid& said) {
  ConfigNode::Array refused;
  for (const auto& objection : said.heard.objections) {
    refused.push_back(ConfigNode::Object{{"line", static_cast<std::int64_t>(objection.line)},
                                         {"why", objection.why}});
  }
  return ConfigNode::Object{{"taken", static_cast<std::int64_t>(said.heard.taken)},
                            {"again", static_cast<std::int64_t>(said.heard.again)},
                            {"unlabelled", static_cast<std::int64_t>(said.unlabelled)},
                            {"refused", std::move(refused)}};
}

void print(const real::LabelsSaid& said, const std::string& file) {
  const role::LabelsHeard& heard = said.heard;
  std::printf("%llu taken, %llu known already, %llu without a label, %zu refused\n",
              static_cast<unsigned long long>(heard.taken),
              static_cast<unsigned long long>(heard.again),
              static_cast<unsigned long long>(said.unlabelled), heard.objections.size());
  for (const auto& objection : heard.objections) {
    std::printf("%s: line %llu: %s\n", printable(file).c_str(),
                static_cast<unsigned long long>(objection.line), printable(objection.why).c_str());
  }
}

int send_labels(std::span<const std::string> arguments) {
  Options options("label send HOST:PORT FILE (--keys FOLDER | --plaintext) [OPTIONS]",
                  "Sends labels to the cloud of a live run that was started with --labels. FILE is "
                  "a CSV file, or - for standard input, whose header has the columns \"id\" and "
                  "\"label\". Sending a row again does no harm.\n\nexit codes: 0 no row was "
                  "refused, 2 some were, or the run takes no labels, 3 the cloud was not reached");
  options.positional("words", 2);
  options.add_format();
  add_operator_options(options);
  if (const auto code = options.parse(arguments)) return *code;
  const auto words = options.list("words");
  if (words.size() != 2) return options.complain("the cloud's address and a file are needed");
  const auto keys = operator_of(options, options.list("words").front());
  if (!keys) return options.complain(keys.message());
  const auto text = text_of(words[1]);
  if (!text) return fail(text.message(), kUserError);
  const auto said = real::send_labels(words[0], *keys, *text);
  if (!said) {
    const bool refused = said.failure().of_input;
    return fail(refused ? words[1] + ": refused: " + printable(said.message()) : said.message(),
                exit_code_of(said.failure()));
  }
  if (options.json()) {
    std::fputs(schema::write_json(node_of(*said)).c_str(), stdout);
  } else {
    print(*said, words[1]);
  }
  return said->heard.objections.empty() ? kDone : kUserError;
}

/// Writes the questions and their examples as the cloud's own folder has them.
Status write_to(const fs::path& folder, const real::OpenQuestions& questions) {
  std::error_code error;
  fs::create_directories(questions.files.empty() ? folder : folder / "examples", error);
  if (error) return Failure{folder.string() + ": " + error.message()};
  for (const auto& [name, content] : questions.files) {
    const Status written = host::write_readable(folder / name, std::as_bytes(std::span(content)));
    if (!written) return written;
  }
  return host::write_readable(folder / "to_label.csv", std::as_bytes(std::span(questions.csv)));
}

int ask_questions(std::span<const std::string> arguments) {
  Options options("label questions HOST:PORT (--keys FOLDER | --plaintext) [OPTIONS]",
                  "What waits for a label in a live run whose cloud was started with --labels: "
                  "rows of CSV. With one column more, \"label\", they are what skerry label send "
                  "takes.\n\nexit codes: 0 done, even if nothing waits, 2 the run takes no labels, "
                  "3 the cloud was not reached");
  options.positional("words", 1);
  options.add()("out", po::value<std::string>(),
                "write to_label.csv into this folder, and examples that are no rows of a table "
                "into examples/ beside it; default: the rows go to standard output");
  add_operator_options(options);
  if (const auto code = options.parse(arguments)) return *code;
  if (options.list("words").size() != 1) return options.complain("the cloud's address is needed");
  const auto keys = operator_of(options, options.list("words").front());
  if (!keys) return options.complain(keys.message());
  const auto questions = real::ask_questions(options.list("words").front(), *keys);
  if (!questions) {
    return fail(printable(questions.message()), exit_code_of(questions.failure()));
  }
  if (!options.has("out")) {
    if (!questions->files.empty()) {
      return options.complain("these examples are files, so --out FOLDER is needed");
    }
    std::fputs(questions->csv.c_str(), stdout);
    return kDone;
  }
  const fs::path folder = options.get<std::string>("out");
  const Status written = write_to(folder, *questions);
  if (!written) return fail(written.message(), kWorldFailed);
  std::printf("%s; classes: %s\n", (folder / "to_label.csv").string().c_str(),
              printable(listed(questions->classes)).c_str());
  return kDone;
}

}  // namespace

int label_command(std::span<const std::string> arguments) {
  static constexpr SubCommand kAll[] = {
      {"questions", ask_questions, "what waits for a label in a live run"},
      {"send", send_labels, "sends labels to its cloud"}};
  return run_sub_command("label", kAll, arguments);
}

}  // namespace skerry::experiments
