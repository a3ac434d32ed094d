#include <cstdio>

#include "experiments/command.hpp"
#include "experiments/example_files.hpp"
#include "experiments/options.hpp"
#include "real/access_token.hpp"
#include "real/infer_client.hpp"
#include "scenarios/schema/json.hpp"

namespace skerry::experiments {

namespace {

namespace po = boost::program_options;

using real::InferReply;

Options make_options() {
  Options options(
      "infer ADDRESS (--npy FILE | --csv FILE) [--token FILE] [OPTIONS]",
      "Asks a running edge about examples. ADDRESS is what skerry edge --serve was told: "
      "unix:PATH, "
      "or a port of this machine. Where the edge's data are bytes, whole numbers are sent as bytes "
      "and the edge normalises them; float32 values are sent as they are and must be normalised "
      "already. Every example has its line, in the order of the file: the class, the model's "
      "output for "
      "it (the largest of all classes'; for a classifier a logit, no probability, and not the "
      "score "
      "by which a miner calls an example hard), who answered, and how long that took.");
  options.positional("address", 1);
  options.add()("npy", po::value<std::string>(),
                "examples from a NumPy array: one, or many behind one more extent")(
      "csv", po::value<std::string>(), "examples from a CSV file with a header, one a row")(
      "drop", po::value<std::vector<std::string>>()->composing(),
      "leave out a column of the CSV file, such as the class")(
      "as", po::value<std::string>(),
      "bytes or values, in place of what suits the file and the edge")(
      "token", po::value<std::string>(), "the file that the edge named, where ADDRESS is a port")(
      "at-once", po::value<unsigned>()->default_value(8), "examples that are on their way")(
      "patience", po::value<double>()->default_value(60), "seconds after which one is given up");
  options.add_format();
  return options;
}

Result<SendAs> send_as(const Options& options) {
  if (!options.has("as")) return SendAs::kNatural;
  const std::string as = options.get<std::string>("as");
  if (as == "bytes") return SendAs::kBytes;
  if (as == "values") return SendAs::kValues;
  return Failure{"--as is bytes or values, not \"" + as + "\""};
}

/// Fails with what is wrong with the options.
Status check(const Options& options) {
  if (options.list("address").size() != 1) return Failure{"the edge's address is needed"};
  if (options.has("npy") == options.has("csv")) {
    return Failure{"--npy FILE or --csv FILE is needed, one of them"};
  }
  if (options.has("drop") && !options.has("csv")) return Failure{"--drop goes with --csv"};
  const auto at_once = options.get<unsigned>("at-once");
  if (at_once < 1 || at_once > 256) return Failure{"--at-once is between 1 and 256"};
  const auto patience = options.get<double>("patience");
  if (!(patience > 0 && patience <= 1e6))
    return Failure{"--patience is more than 0 and at most 1000000 s"};
  return {};
}

ConfigNode json_of(std::size_t index, const InferReply& reply) {
  ConfigNode node = ConfigNode::object();
  node.set("index", static_cast<std::int64_t>(index));
  node.set("status", reply.status);
  node.set("seconds", reply.seconds);
  if (!reply.ok()) {
    node.set("text", reply.text);
    return node;
  }
  node.set("label", static_cast<std::int64_t>(reply.label));
  ConfigNode::Array scores(reply.scores.begin(), reply.scores.end());
  node.set("scores", ConfigNode(std::move(scores)));
  node.set("from", reply.from_cloud ? "cloud" : "edge");
  return node;
}

void print(std::size_t index, const InferReply& reply) {
  if (!reply.ok()) {
    std::printf("%zu: no answer: %s: %s\n", index, reply.status.c_str(), reply.text.c_str());
    return;
  }
  const auto label = static_cast<std::size_t>(reply.label);
  char output[32] = "";
  if (label < reply.scores.size()) {
    std::snprintf(output, sizeof output, "  output %.4g", static_cast<double>(reply.scores[label]));
  }
  std::printf("%zu: %d%s  %s  %.1f ms\n", index, reply.label, output,
              reply.from_cloud ? "cloud" : "edge", 1e3 * reply.seconds);
}

}  // namespace

int infer_command(std::span<const std::string> arguments) {
  Options options = make_options();
  if (const auto code = options.parse(arguments)) return *code;
  if (const Status good = check(options); !good) return options.complain(good.message());
  const auto as = send_as(options);
  if (!as) return options.complain(as.message());
  const auto address = real::InferAddress::parse(options.list("address").front());
  if (!address) return options.complain(address.message());
  std::string token;
  if (options.has("token") && address->is_socket()) {
    return options.complain("--token goes with a port; a socket is its owner's only");
  }
  if (options.has("token")) {
    auto read = real::read_token(options.get<std::string>("token"));
    if (!read) return fail(read.message(), kUserError);
    token = std::move(*read);
  } else if (!address->is_socket()) {
    return options.complain("a port wants --token FILE; the edge said which when it began");
  }

  const auto patience = Duration::ceil_seconds(options.get<double>("patience"));
  const real::InferClient client(*address, std::move(token));
  const auto edge = client.describe(patience);
  if (!edge) return fail(edge.message(), kWorldFailed);
  const auto questions =
      options.has("npy") ? examples_in_npy(options.get<std::string>("npy"), edge->form, as.value())
                         : examples_in_csv(options.get<std::string>("csv"), options.list("drop"),
                                           edge->form, as.value());
  if (!questions) return fail(questions.message(), kUserError);

  bool all = true;
  ConfigNode::Array answers;
  client.ask_all(questions.value(),
                 {.at_once = options.get<unsigned>("at-once"), .patience = patience},
                 [&](std::size_t index, const InferReply& reply) {
                   all = all && reply.ok();
                   if (options.json()) {
                     answers.push_back(json_of(index, reply));
                   } else {
                     print(index, reply);
                   }
                 });
  if (options.json()) {
    ConfigNode node = ConfigNode::object();
    node.set("node", edge->node);
    node.set("answers", ConfigNode(std::move(answers)));
    std::printf("%s\n", schema::write_json(node).c_str());
  }
  return all ? kDone : kWorldFailed;
}

}  // namespace skerry::experiments
