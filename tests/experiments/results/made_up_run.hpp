#pragma once

#include <cmath>
#include <memory>
#include <string>

#include "algorithms/sdk/random.hpp"
#include "experiments/results/run_folder.hpp"

namespace skerry::experiments {

/// An invented run with everything that a folder, a table and a page can show.
struct MadeUpRun {
  std::string name = "made-up";
  std::uint64_t seed = 1;
  unsigned rounds = 20;
  unsigned edges = 6;
  double final_accuracy = 0.9;
  double joules = 12.5;     // a round
  unsigned thresholds = 0;  // of joint inference
  bool loop = false;        // every fifth round something changes, and a new model is made

  host::RunRecord record() const {
    host::RunRecord record;
    record.scenario = ConfigNode::Object{{"version", 1},
                                         {"name", name},
                                         {"paradigm", "federated"},
                                         {"seed", static_cast<std::int64_t>(seed)},
                                         {"local", ConfigNode::Object{{"learning_rate", 0.1}}}};
    record.stop_reason = std::to_string(rounds) + " rounds";
    record.ended = at(rounds * 1.25);
    record.wall_seconds = 3.5;
    record.schedule_fingerprint = 0x0123456789abcdefULL;
    record.numerics_fingerprint = 0xfedcba9876543210ULL + seed;
    record.numerics = "native-1";
    record.data_hash = 42;
    record.data_origin = "made up";
    record.declared = declared();
    for (unsigned round = 0; round <= rounds; ++round) measure(round, record);
    for (unsigned round = 1; round <= std::min(rounds, 3u); ++round) trace(round, record);
    for (unsigned i = 0; i < thresholds; ++i) infer(i, record);
    if (loop) go_round(record);
    add_model(record);
    return record;
  }

  Manifest manifest(const host::RunRecord& of) const {
    return make_manifest(of, {.command = {"skerry", "run", "made up.json"},
                              .plugins = {},
                              .kernels = "plain",
                              .threads = 2,
                              .started = std::chrono::system_clock::from_time_t(1714564800)})
        .value();
  }

  /// Writes it to disk. @return the folder.
  std::filesystem::path write(const std::filesystem::path& folder) const {
    const host::RunRecord made = record();
    const Status status = write_run(folder, made, manifest(made));
    SKERRY_CHECK(status.ok(), status.message());
    return folder;
  }

  static role::Results declared() {
    role::Results all;
    all.step = "round";
    declare_rounds(all);
    declare_bytes(all);
    declare_offloading(all);
    return all;
  }

 private:
  static void declare_rounds(role::Results& all) {
    using role::Better;
    all.metrics = {{.name = "test/accuracy",
                    .label = "test accuracy",
                    .unit = "share",
                    .meaning = "share of examples classified right",
                    .better = Better::kHigher,
                    .headline = true,
                    .most = 1},
                   {.name = "test/loss",
                    .label = "test loss",
                    .unit = "nats",
                    .better = Better::kLower,
                    .headline = true},
                   {.name = "energy/total_joules",
                    .label = "energy (modelled)",
                    .unit = "J",
                    .better = Better::kLower,
                    .headline = true},
                   {.name = "round/accepted", .label = "accepted updates"},
                   {.name = "updates/*", .label = "updates", .meaning = "that came to this end"}};
    for (const char* name : {"mean", "sd", "p10", "worst"}) {
      all.metrics.push_back({.name = std::string("edges/accuracy_") + name,
                             .label = std::string("accuracy on edges, ") + name,
                             .unit = "share",
                             .most = 1});
    }
    const role::Figure accuracy{"Test accuracy", "accuracy", {{"test/accuracy", "", ""}}, "", ""};
    const role::Figure loss{"Test loss", "loss", {{"test/loss", "", ""}}, "", ""};
    const role::Figure edges{"Accuracy on edges",
                             "accuracy",
                             {{"edges/accuracy_mean", "mean", "edges/accuracy_sd"},
                              {"edges/accuracy_p10", "lowest tenth", ""},
                              {"edges/accuracy_worst", "worst", ""}},
                             "",
                             ""};
    all.sections = {{"Learning curves", "", {accuracy, loss}, {}},
                    {"Spread over edges", "", {edges}, {}}};
  }

  static void declare_bytes(role::Results& all) {
    role::Table bytes{"bytes", "as counted", {"up", "down"}, {"tensor", "encoded", "wire"}, {}};
    for (const std::string& way : bytes.rows) {
      for (const std::string& counted : bytes.columns) {
        const std::string name = "bytes/" + counted + "_" + way;
        bytes.metrics.push_back(name);
        all.metrics.push_back({.name = name,
                               .label = counted + " " + way,
                               .unit = "bytes",
                               .headline = counted == "wire"});
      }
      all.traffic.push_back("bytes/wire_" + way);
    }
    all.tables = {bytes};
  }

  static void declare_offloading(role::Results& all) {
    for (const auto& [name, label, unit] :
         {std::tuple("threshold", "threshold", "1"), std::tuple("offloaded", "offloaded", "share"),
          std::tuple("accuracy", "accuracy", "share"),
          std::tuple("edge_accuracy", "edge accuracy", "share"),
          std::tuple("cloud_accuracy", "cloud accuracy", "share"),
          std::tuple("latency_mean_s", "latency mean", "s"),
          std::tuple("latency_p50_s", "p50", "s"), std::tuple("latency_p95_s", "p95", "s"),
          std::tuple("latency_p99_s", "p99", "s"), std::tuple("bytes_up", "bytes up", "bytes")}) {
      const bool quantile = std::string_view(name).starts_with("latency_p");
      all.metrics.push_back({.name = std::string("joint/") + name,
                             .label = label,
                             .unit = unit,
                             .quantile = quantile});
    }
    const role::Figure accuracy{
        "Accuracy", "accuracy", {{"joint/accuracy", "", ""}}, "joint/offloaded", "joint/threshold"};
    const role::Figure latency{"Latency",
                               "latency",
                               {{"joint/latency_mean_s", "mean", ""},
                                {"joint/latency_p50_s", "median", ""},
                                {"joint/latency_p95_s", "95 %", ""}},
                               "joint/offloaded",
                               "joint/threshold"};
    all.sections.push_back(
        {"Accuracy against offloading",
         "Each mark is one threshold.",
         {accuracy, latency},
         {"joint/threshold", "joint/offloaded", "joint/accuracy", "joint/latency_mean_s",
          "joint/latency_p50_s", "joint/latency_p95_s", "joint/latency_p99_s", "joint/bytes_up"}});
  }

  static void declare_loop(role::Results& all) {
    using role::Drawn;
    all.metrics.push_back({.name = "cost/labels", .label = "labels", .cost = true});
    all.metrics.push_back({.name = "pause_s",
                           .label = "mean pause",
                           .unit = "s",
                           .headline = true,
                           .averaged = true});
    const role::Figure accuracy{
        .title = "Accuracy and events",
        .y = "accuracy",
        .lines = {{"test/accuracy", "all", ""}, {"edges/accuracy_mean", "edges", ""}},
        .events = {
            {"event/change", "change"}, {"event/model", "new model"}, {"event/never", "never"}}};
    const role::Figure models{.title = "Models",
                              .y = "share",
                              .lines = {{"edges/model", "model", ""}},
                              .drawn = Drawn::kLayers};
    const role::Figure turn{.title = "One turn",
                            .y = "since the trigger",
                            .lines = {{"turn/first_s", "first", ""},
                                      {"turn/never_s", "never", ""},
                                      {"turn/second_s", "second", ""}},
                            .drawn = Drawn::kPhases};
    const role::Figure costs{.title = "Costs",
                             .y = "",
                             .lines = {},
                             .drawn = Drawn::kTotals,
                             .events = {{"event/model", ""}}};
    all.sections.push_back({"The loop", "", {accuracy, models, turn, costs}, {}});
  }

  /// A change comes in each fifth round, and the answer to it later in some seeds than in others.
  void go_round(host::RunRecord& record) const {
    declare_loop(record.declared);
    const auto add = [&](const char* metric, double seconds, std::uint64_t step, double value) {
      record.metrics.push_back({metric, NodeId::cloud(), at(seconds), step, value});
    };
    add("edges/model", 0, 1, 1);
    for (unsigned round = 1; round <= rounds; ++round) {
      const double now = round * 1.25;
      const std::uint64_t turn = round / 5, model = turn + 1;
      add("cost/labels", now, round, 10.0 * round);
      if (turn == 0) continue;
      if (round % 5 == 0) {
        add("event/change", now, round, static_cast<double>(turn));
        add("edges/model", now, model - 1, 0.5);
        add("edges/model", now, model, 0.5);
      }
      if (round % 5 != 1 + seed % 3) continue;
      add("event/model", now, round, static_cast<double>(model));
      add("edges/model", now, model - 1, 0);
      add("edges/model", now, model, 1);
      add("turn/first_s", now - 0.5, turn, 0.25);
      add("turn/second_s", now, turn, 0.5);
      add("pause_s", now, turn, 1.25 * static_cast<double>(round % 5));
    }
  }

  static SimTime at(double seconds) { return SimTime::at(Duration::ceil_seconds(seconds)); }

  void measure(unsigned round, host::RunRecord& record) const {
    RandomStream random(seed, "made up", NodeId::cloud(), round);
    const double progress = 1 - std::exp(-static_cast<double>(round) / 8);
    const double accuracy = 0.1 + (final_accuracy - 0.1) * progress + 0.01 * random.uniform();
    const auto add = [&](const char* metric, double value) {
      record.metrics.push_back({metric, NodeId::cloud(), at(round * 1.25), round, value});
    };
    add("test/accuracy", accuracy);
    add("test/loss", 2.3 * (1 - progress) + 0.2);
    add("edges/accuracy_mean", accuracy - 0.02);
    add("edges/accuracy_sd", 0.05);
    add("edges/accuracy_p10", accuracy - 0.09);
    add("edges/accuracy_worst", std::max(0.0, accuracy - 0.2));
    add("energy/total_joules", joules * round);
    if (round == 0) return;
    add("round/accepted", edges);
    for (const char* way : {"up", "down"}) {
      const std::string end = way;
      add(("bytes/tensor_" + end).c_str(), 4e6 * round);
      add(("bytes/encoded_" + end).c_str(), 4.1e6 * round);
      add(("bytes/wire_" + end).c_str(), 4.2e6 * round);
    }
    add("updates/refused", round / 4);
    add("updates/refused/duplicate", round / 8);
  }

  void trace(unsigned round, host::RunRecord& record) const {
    for (unsigned k = 0; k < edges; ++k) {
      const double begin = (round - 1) * 1.25;
      const double slow = 0.3 + 0.5 * k / edges;
      const NodeId node = NodeId::edge(k);
      record.spans.push_back({node, round, "download", at(begin), at(begin + 0.1)});
      record.spans.push_back({node, round, "train", at(begin + 0.1), at(begin + 0.1 + slow)});
      record.spans.push_back(
          {node, round, "upload", at(begin + 0.1 + slow), at(begin + 0.3 + slow)});
    }
    record.spans.push_back(
        {NodeId::cloud(), round, "accumulate", at(round * 1.25 - 0.05), at(round * 1.25)});
  }

  void infer(unsigned index, host::RunRecord& record) const {
    const double share = 1 - static_cast<double>(index) / thresholds;
    const auto add = [&](const char* metric, double value) {
      record.metrics.push_back(
          {std::string("joint/") + metric, NodeId::cloud(), record.ended, index, value});
    };
    add("threshold", 0.1 * index);
    add("offloaded", share);
    add("accuracy", 0.8 + 0.17 * std::sqrt(share));
    add("edge_accuracy", 0.8 + 0.15 * share);
    add("cloud_accuracy", 0.97);
    add("latency_mean_s", 0.01 + 0.06 * share);
    add("latency_p50_s", 0.01 + 0.05 * share);
    add("latency_p95_s", 0.08 + 0.05 * share);
    add("latency_p99_s", 0.12 + 0.09 * share);
    add("bytes_up", 3e6 * share);
  }

  void add_model(host::RunRecord& record) const {
    const auto layout = std::make_shared<const Layout>(
        std::vector<TensorSpec>{{"fc1.weight", {3, 4}}, {"fc1.bias", {3}}});
    Record& model = record.result.add({"model", layout});
    RandomStream random(seed, "model", NodeId::cloud(), 0);
    for (float& value : model.f32()) value = static_cast<float>(random.uniform());
  }
};

}  // namespace skerry::experiments
