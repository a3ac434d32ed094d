// The server's mathematics: sums of updates, and the step from a round's updates to the next model.
#include <algorithm>

#include "scenarios/federated/federated.hpp"

namespace skerry::federated {

using role::Content;
using role::Job;
using role::JobResult;

RecordSpec report_record() {
  static const auto layout = std::make_shared<const Layout>(Layout::flat("report", 3));
  return {"report", layout, Reduce::kEach};
}

namespace {

template <class Body>
Body body_of(const Job& job) {
  const auto body = from_bytes<Body>(job.body);
  SKERRY_CHECK(body.has_value(), "a job's body is what its role wrote");
  return *body;
}

bool finite(const Payload& update) {
  return std::all_of(update.records().begin(), update.records().end(),
                     [](const auto& record) { return record->finite(); });
}

/// What train() reported. Counts come from a peer: a negative or fractional one is not believed.
Verdict look_into(const UpdateEntry& entry, const Payload& update) {
  Verdict verdict{.update = entry, .finite = finite(update), .samples = 0, .loss = 0};
  if (!verdict.finite) return verdict;
  const auto report = update.at("report").f32();
  verdict.samples = static_cast<std::uint64_t>(std::clamp(report[0], 0.0f, 16777216.0f));
  verdict.loss = report[2];
  return verdict;
}

UpdateInfo info_of(const Verdict& verdict, const Payload& update) {
  return {.node = verdict.update.node,
          .round = verdict.update.round,
          .staleness = verdict.update.staleness,
          .samples = verdict.samples,
          .steps = static_cast<std::uint64_t>(std::max(update.at("report").f32()[1], 0.0f)),
          .loss = verdict.loss,
          .weight = verdict.update.weight};
}

using Sums = std::vector<std::pair<std::string, ExactSum>>;

Sums empty_sums(const std::vector<RecordSpec>& shape) {
  Sums sums;
  for (const RecordSpec& spec : shape) {
    if (spec.reduce != Reduce::kEach && spec.layout->type() == DType::kFloat32) {
      sums.emplace_back(spec.name, ExactSum(spec.layout->size()));
    }
  }
  return sums;
}

/// An update, and how much of it goes into the sums.
struct Shared {
  Payload update;
  Share share;
};

void add(const std::vector<Shared>& updates, const std::vector<RecordSpec>& shape, Sums& sums,
         Workspace& workspace) {
  std::vector<ExactSum::Term> terms(updates.size());
  for (auto& [name, sum] : sums) {
    const auto spec = std::find_if(shape.begin(), shape.end(),
                                   [&name](const RecordSpec& s) { return s.name == name; });
    const bool plain = spec->reduce == Reduce::kSum;
    for (std::size_t k = 0; k < updates.size(); ++k) {
      const auto& [update, share] = updates[k];
      terms[k] = {update.at(name).f32().data(), plain ? 1.0f : share.weight,
                  plain ? 1.0f : share.divisor};
    }
    sum.add(terms, workspace);
  }
}

}  // namespace

JobResult Federated::accumulate(Job& job, Workspace& workspace) const {
  const AccumulateBody body = body_of<AccumulateBody>(job);
  const std::vector<RecordSpec> shape = update_shape(body.exchange);
  Content content;
  if (body.has_sums) {
    content = std::move(job.inputs[0]).take();
  } else {
    content.sums = empty_sums(shape);
  }
  const std::size_t first = body.has_sums ? 1 : 0;
  AccumulateReport report;
  std::vector<Shared> shared;  // are added in one pass
  for (std::size_t i = 0; i < body.updates.size(); ++i) {
    Payload update = job.inputs[first + i].payload();
    report.verdicts.push_back(look_into(body.updates[i], update));
    if (!report.verdicts.back().finite) continue;
    Share share = reducer_->share(info_of(report.verdicts.back(), update));
    share.weight *= body.updates[i].weight;
    share.divisor *= body.updates[i].weight;
    shared.push_back({std::move(update), share});
    if (!job.inputs[first + i].is_stored()) continue;
    add(shared, shape, content.sums, workspace);
    shared.clear();  // only now the next one is read
  }
  add(shared, shape, content.sums, workspace);
  JobResult result;
  result.outputs.push_back(std::move(content));
  result.report = to_bytes(report);
  return result;
}

Payload Federated::reduce_sums(const Content& content, const FinishBody& body,
                               Workspace& workspace) const {
  Payload reduced;
  for (const RecordSpec& spec : update_shape(body.exchange)) {
    for (const auto& [name, sum] : content.sums) {
      if (name != spec.name) continue;
      Record& record = reduced.add(spec);
      if (spec.reduce == Reduce::kSum) {
        sum.scaled(1.0, record.f32());
      } else if (sum.divisor() > 0) {
        sum.mean(record.overwrite_f32(), workspace);
      }
    }
  }
  return reduced;
}

Payload Federated::gather(const Job& job, const FinishBody& body,
                          std::vector<Verdict>& verdicts) const {
  std::vector<Payload> updates;
  std::vector<UpdateInfo> infos;
  for (std::size_t i = 0; i < body.updates.size(); ++i) {
    Payload update = job.inputs[1 + i].payload();
    verdicts.push_back(look_into(body.updates[i], update));
    if (!verdicts.back().finite) continue;
    infos.push_back(info_of(verdicts.back(), update));
    updates.push_back(std::move(update));
  }
  Payload reduced;
  if (updates.size() < body.minimum) return reduced;
  for (const RecordSpec& spec : update_shape(body.exchange)) {
    if (spec.reduce == Reduce::kEach || spec.layout->type() != DType::kFloat32) continue;
    std::vector<std::span<const float>> values;
    std::vector<ExactSum::Term> terms;
    for (const Payload& update : updates) {
      values.push_back(update.at(spec.name).f32());
      terms.push_back({values.back().data(), 1, 1});
    }
    Record& record = reduced.add(spec);
    if (spec.reduce == Reduce::kMean) {
      reducer_->gather(values, infos, record.f32());
    } else {
      ExactSum sum(record.size());
      sum.add(terms);
      sum.scaled(1.0, record.f32());
    }
  }
  return reduced;
}

JobResult Federated::finish(Job& job, Workspace& workspace) const {
  const FinishBody body = body_of<FinishBody>(job);
  FinishReport report;
  Payload server = job.inputs[0].payload();
  const Payload reduced = body.has_sums ? reduce_sums(job.inputs[1].content(), body, workspace)
                                        : gather(job, body, report.verdicts);
  std::uint32_t accepted = body.accepted;
  for (const Verdict& verdict : report.verdicts) accepted += verdict.finite ? 1 : 0;
  report.abandoned = accepted < body.minimum;

  Payload ask;
  if (!report.abandoned) {
    std::vector<float> delta(learner_->layout()->size());
    FinishContext context{
        .exchange = body.exchange, .reduced = reduced, .state = server, .delta = delta, .ask = ask};
    report.another_exchange = reducer_->finish(context) == Finish::kAnotherExchange;
    if (!report.another_exchange) {
      for (float& value : delta) value = -value;  // the pseudo-gradient
      const auto steps = server.open("server/steps").i64();
      OptimizerState state{static_cast<std::uint64_t>(steps[0]),
                           server.open("server/moments").f32()};
      server_optimizer_->step(server.open("model").f32(), delta, state);
      ++steps[0];
      CombineContext combine{reduced, server, accepted, edges_};
      method_->combine(combine);
    }
  }
  Payload down = downlink(server);
  for (const auto& record : ask.records()) down.add(record);
  JobResult result;
  result.outputs.push_back({std::move(server), {}});
  result.outputs.push_back({std::move(down), {}});
  result.report = to_bytes(report);
  return result;
}

}  // namespace skerry::federated
