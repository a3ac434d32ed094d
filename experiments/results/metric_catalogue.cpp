#include "experiments/results/metric_catalogue.hpp"

#include <algorithm>

namespace skerry::experiments {

namespace {

struct Entry {
  std::string_view name;
  std::string_view unit;
  std::string_view meaning;
};

constexpr Entry kExact[] = {
    {"train/loss", "nats", "mean training loss over the examples of the accepted updates"},
    {"round/accepted", "1", "updates that count in this round's model"},
    {"round/seconds", "s", "from the round's first order to its model"},
    {"bytes/tensor_up", "bytes", "tensors as they lie in memory, edges to cloud, since the start"},
    {"bytes/tensor_down", "bytes",
     "tensors as they lie in memory, cloud to edges, since the start"},
    {"bytes/encoded_up", "bytes", "tensors as encoded, edges to cloud, since the start"},
    {"bytes/encoded_down", "bytes", "tensors as encoded, cloud to edges, since the start"},
    {"bytes/wire_up", "bytes", "whole messages on the wire, edges to cloud, since the start"},
    {"bytes/wire_down", "bytes", "whole messages on the wire, cloud to edges, since the start"},
    {"energy/total_joules", "J", "energy of edges, cloud and network since the start, modelled"},
    {"energy/edges_joules", "J", "energy of the edges' computing since the start, modelled"},
    {"energy/cloud_joules", "J", "energy of the cloud's computing since the start, modelled"},
    {"energy/network_joules", "J", "energy of the edges' radios since the start, modelled"},
    {"edges/count", "1", "edges that evaluated the model"},
    {"joint/threshold", "1", "difficulty above which a sample goes to the cloud"},
    {"joint/accuracy", "share", "right answers, wherever they were given"},
    {"joint/edge_accuracy", "share",
     "requests that the edge's own answer gets right, given or not"},
    {"joint/cloud_accuracy", "share", "right answers of those that the cloud gave"},
    {"joint/offloaded", "share", "requests answered in the cloud"},
    {"joint/latency_p50_s", "s", "median time from request to answer"},
    {"joint/latency_p95_s", "s", "time to answer that 95 % of requests keep"},
    {"joint/latency_p99_s", "s", "time to answer that 99 % of requests keep"},
    {"joint/bytes_up", "bytes", "examples sent from edges to cloud, on the wire"},
    {"joint/bytes_down", "bytes", "answers sent from cloud to edges, on the wire"},
    {"joint/requests", "1", "requests that were made, and are over"},
    {"joint/fallbacks", "1", "hard requests that the edge answered all the same"},
    {"joint/late", "1", "answers of the cloud that came too late"},
    {"joint/refused", "1", "messages that made no sense"},
    {"joint/failed", "1", "requests that got no answer, since the edge's model failed"},
    {"joint/energy_joules", "J", "energy of the edges for inference, modelled"},
};

constexpr Entry kEndings[] = {
    {"accuracy", "share", "share of samples classified right"},
    {"accuracy_mean", "share", "accuracy on an edge's own data: mean over edges"},
    {"accuracy_sd", "share", "accuracy on an edge's own data: standard deviation over edges"},
    {"accuracy_p10", "share", "accuracy on an edge's own data: a tenth of the edges have no more"},
    {"accuracy_worst", "share", "accuracy on an edge's own data: lowest of all edges"},
    {"loss", "nats", "mean loss of a sample"},
    {"loss_mean", "nats", "loss on an edge's own data: mean over edges"},
    {"loss_sd", "nats", "loss on an edge's own data: standard deviation over edges"},
    {"loss_p10", "nats", "loss on an edge's own data: a tenth of the edges have no less"},
    {"loss_worst", "nats", "loss on an edge's own data: highest of all edges"},
    {"seconds", "s", ""},
    {"_s", "s", ""},
    {"joules", "J", "modelled"},
};

std::string label_of(std::string_view name) {
  std::string label(name);
  std::replace(label.begin(), label.end(), '/', ' ');
  std::replace(label.begin(), label.end(), '_', ' ');
  return label;
}

}  // namespace

MetricInfo describe_metric(std::string_view name) {
  MetricInfo info{label_of(name), "1", ""};
  const auto take = [&info](const Entry& entry) {
    info.unit = entry.unit;
    info.meaning = entry.meaning;
  };
  for (const Entry& entry : kExact) {
    if (entry.name == name) return take(entry), info;
  }
  for (const Entry& entry : kEndings) {
    if (name.ends_with(entry.name)) return take(entry), info;
  }
  if (name.starts_with("bytes/")) info.unit = "bytes";
  if (name.starts_with("updates/")) info.meaning = "updates so far that came to this end";
  return info;
}

std::vector<NamedMetric> known_metrics() {
  std::vector<NamedMetric> all;
  const auto add = [&all](const std::string& name, const std::string& more = {}) {
    MetricInfo info = describe_metric(name);
    info.meaning += more;
    all.push_back({name, std::move(info)});
  };
  for (const Entry& entry : kExact) add(std::string(entry.name));
  for (const char* split : {"test", "validation"}) {
    const std::string where = std::string(" in the cloud's ") + split + " set";
    add(std::string(split) + "/accuracy", where);
    add(std::string(split) + "/loss", where);
  }
  for (const char* whose : {"edges/", "edges/personal_"}) {
    const char* model =
        std::string_view(whose) == "edges/" ? ", of the global model" : ", of its personal model";
    for (const char* measure : {"accuracy", "loss"}) {
      for (const char* statistic : {"_mean", "_sd", "_p10", "_worst"}) {
        add(std::string(whose) + measure + statistic, model);
      }
    }
  }
  std::ranges::sort(all, {}, &NamedMetric::name);
  return all;
}

}  // namespace skerry::experiments
