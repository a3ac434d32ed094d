// An update's way on the cloud: it is opened, summed or gathered, and goes into the next model.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <utility>

#include "scenarios/parts/job_body.hpp"
#include "scenarios/parts/update_path.hpp"

namespace skerry::parts {

using role::Content;
using role::Job;
using role::JobResult;

namespace {

bool finite(const Payload& update) {
  return std::all_of(update.records().begin(), update.records().end(),
                     [](const auto& record) { return record->finite(); });
}

/// What train() reported. The count comes from a peer: no more examples count than the peer has.
Verdict look_into(const UpdateEntry& entry, const Payload& update) {
  Verdict verdict{.update = entry, .finite = finite(update), .samples = 0, .loss = 0};
  if (!verdict.finite) return verdict;
  const auto report = update.at("report").f32();
  const bool all = report[0] >= static_cast<float>(entry.samples);  // rounded alike
  verdict.samples = all ? entry.samples : static_cast<std::uint64_t>(std::max(report[0], 0.0f));
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

/// Whether the cloud adds a record exactly as real numbers.
bool adds(const RecordSpec& spec) { return spec.real() || spec.name == kBuffers; }

/// Whether the cloud adds the integers of a record modulo 2^bits of their type.
bool adds_modulo(const RecordSpec& spec) {
  const DType type = spec.layout->type();
  return spec.reduce == Reduce::kSum && (type == DType::kInt32 || type == DType::kInt64);
}

using Sums = std::vector<std::pair<std::string, ExactSum>>;

Sums empty_sums(const std::vector<RecordSpec>& shape) {
  Sums sums;
  for (const RecordSpec& spec : shape) {
    if (adds(spec)) sums.emplace_back(spec.name, ExactSum(spec.layout->size()));
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
      const float divisor = name == kBuffers ? share.weight : share.divisor;  // a mean in any case
      terms[k] = {update.at(name).f32().data(), plain ? 1.0f : share.weight,
                  plain ? 1.0f : divisor};
    }
    sum.add(terms, workspace);
  }
}

template <class Integer>
void add_wrapping(std::span<std::byte> sum, std::span<const std::byte> more) {
  for (std::size_t at = 0; at < sum.size(); at += sizeof(Integer)) {
    Integer a, b;
    std::memcpy(&a, &sum[at], sizeof a);
    std::memcpy(&b, &more[at], sizeof b);
    a += b;
    std::memcpy(&sum[at], &a, sizeof a);
  }
}

/// Adds the integer records of an update to those of the sums' payload.
void add_integers(const Payload& update, const std::vector<RecordSpec>& shape, Payload& sums) {
  for (const RecordSpec& spec : shape) {
    if (!adds_modulo(spec)) continue;
    if (sums.find(spec.name) == nullptr) sums.add(spec);
    const auto sum = sums.open(spec.name).bytes();
    if (spec.layout->type() == DType::kInt32) {
      add_wrapping<std::uint32_t>(sum, update.at(spec.name).bytes());
    } else {
      add_wrapping<std::uint64_t>(sum, update.at(spec.name).bytes());
    }
  }
}

std::string apart(std::size_t number, const std::string& record) {
  return "update/" + std::to_string(number) + "/" + record;
}

constexpr const char* kInfos = "update/infos";

/// What is known of one update, as it is kept beside the sums.
struct SavedInfo {
  UpdateInfo info;
  template <class A>
  void archive(A& a) {
    a(info.node, info.round, info.staleness, info.samples, info.steps, info.loss, info.weight);
  }
};

std::vector<SavedInfo> saved_infos(const Payload& sums) {
  const Record* record = sums.find(kInfos);
  if (record == nullptr) return {};
  const auto infos = from_bytes<std::vector<SavedInfo>>(record->bytes());
  SKERRY_CHECK(infos.has_value(), "the list of updates is what was written");
  return *infos;
}

/// Keeps beside the sums what must be known of each update by itself.
void keep_apart(const std::vector<std::pair<UpdateInfo, Payload>>& updates, Payload& sums) {
  std::vector<SavedInfo> infos = saved_infos(sums);
  Payload all;
  for (const auto& record : sums.records()) {
    if (record->name() != kInfos) all.add(record);
  }
  for (const auto& [info, update] : updates) {
    for (const auto& record : update.records()) {
      if (record->spec().reduce != Reduce::kEach || record->name() == "report") continue;
      RecordSpec spec = record->spec();
      spec.name = apart(infos.size(), spec.name);
      const auto copy = all.add(spec).overwrite();
      std::copy(record->bytes().begin(), record->bytes().end(), copy.begin());
    }
    infos.push_back({info});
  }
  const ByteVector bytes = to_bytes(infos);
  const auto layout =
      std::make_shared<const Layout>(Layout::flat(kInfos, bytes.size(), DType::kUint8));
  const auto list = all.add({kInfos, layout, Reduce::kEach}).overwrite();
  std::copy(bytes.begin(), bytes.end(), list.begin());
  sums = std::move(all);
}

bool same_model(const Payload& before, const Payload& after) {
  return std::ranges::equal(before.at("model").bytes(), after.at("model").bytes());
}

}  // namespace

/// The accepted updates as the job that finishes a round knows them.
struct UpdatePath::Accepted {
  std::uint32_t count = 0;
  std::vector<UpdateInfo> infos;  // empty if nothing needs them
  std::vector<Payload> each;      // their kEach records, as infos
  std::vector<Payload> results;   // of what the reducer asked for
  std::vector<Reply> replies;

  std::vector<const Payload*> pointers() const {
    std::vector<const Payload*> all;
    for (const Payload& one : each) all.push_back(&one);
    return all;
  }
  void add(const UpdateInfo& info, Payload records) {
    infos.push_back(info);
    each.push_back(std::move(records));
  }
  /// Sorts the updates by node and round: the order of arrival must not reach the result.
  void sort() {
    std::vector<std::size_t> order(infos.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::stable_sort(order.begin(), order.end(), [this](std::size_t a, std::size_t b) {
      return std::pair(infos[a].node, infos[a].round) < std::pair(infos[b].node, infos[b].round);
    });
    std::vector<UpdateInfo> sorted_infos;
    std::vector<Payload> sorted_each;
    for (const std::size_t i : order) {
      sorted_infos.push_back(infos[i]);
      sorted_each.push_back(std::move(each[i]));
    }
    infos = std::move(sorted_infos);
    each = std::move(sorted_each);
  }
};

/// Whether the job that finishes the round must know something of each single update.
bool UpdatePath::keeps_apart(const std::vector<RecordSpec>& opened) const {
  return up_.opens_after() || !stages_.empty() ||
         std::any_of(opened.begin(), opened.end(), [](const RecordSpec& spec) {
           return spec.reduce == Reduce::kEach && spec.name != "report";
         });
}

JobResult UpdatePath::run_accumulate(Job& job, Workspace& workspace) const {
  const AccumulateBody body = body_of<AccumulateBody>(job);
  const std::vector<RecordSpec> shape = opened_shape(body.exchange);
  Content content;
  if (body.has_sums) {
    content = std::move(job.inputs[0]).take();
  } else {
    content.sums = empty_sums(shape);
  }
  const std::size_t first = body.has_sums ? 1 : 0;
  AccumulateReport report;
  std::vector<Shared> shared;  // updates that are added in one pass
  const bool keeps = keeps_apart(shape);
  std::vector<std::pair<UpdateInfo, Payload>> kept;
  for (std::size_t i = 0; i < body.updates.size(); ++i) {
    Payload update = job.inputs[first + i].payload();
    report.verdicts.push_back(look_into(body.updates[i], update));
    if (!report.verdicts.back().finite) continue;
    const UpdateInfo info = info_of(report.verdicts.back(), update);
    Share share = reducer_->share(info);
    share.weight *= body.updates[i].weight;
    share.divisor *= body.updates[i].weight;
    add_integers(update, shape, content.payload);
    if (keeps) kept.emplace_back(info, update);
    shared.push_back({std::move(update), share});
    if (!job.inputs[first + i].is_stored()) continue;
    add(shared, shape, content.sums, workspace);
    shared.clear();  // before the next one is read
  }
  add(shared, shape, content.sums, workspace);
  if (keeps) keep_apart(kept, content.payload);
  JobResult result;
  result.outputs.push_back(std::move(content));
  result.report = to_bytes(report);
  return result;
}

Payload UpdatePath::reduce_sums(const Content& content, Exchange exchange,
                                Workspace& workspace) const {
  Payload reduced;
  for (const RecordSpec& spec : opened_shape(exchange)) {
    if (adds_modulo(spec) && content.payload.find(spec.name) != nullptr) {
      reduced.add(content.payload.share(spec.name));
    }
    for (const auto& [name, sum] : content.sums) {
      if (name != spec.name) continue;
      if (name == kBuffers && !(sum.divisor() > 0)) continue;  // no update has a weight
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

/// Adds the mean of the buffers, weighted by examples: a reducer over whole updates makes none.
void UpdatePath::add_mean_buffers(const Accepted& accepted, const FinishBody& body,
                                  Payload& reduced) const {
  for (const RecordSpec& spec : opened_shape(body.exchange)) {
    if (spec.name != kBuffers) continue;
    std::vector<ExactSum::Term> terms;
    for (std::size_t k = 0; k < accepted.each.size(); ++k) {
      const UpdateInfo& info = accepted.infos[k];
      const float weight = static_cast<float>(info.samples) * info.weight;
      terms.push_back({accepted.each[k].at(spec.name).f32().data(), weight, weight});
    }
    ExactSum sum(spec.layout->size());
    sum.add(terms);
    if (sum.divisor() > 0) sum.mean(reduced.add(spec).overwrite_f32());
  }
}

Payload UpdatePath::gather(const Job& job, const FinishBody& body, Accepted& accepted,
                           std::vector<Verdict>& verdicts, Workspace& workspace) const {
  for (std::size_t i = 0; i < body.updates.size(); ++i) {
    Payload update = job.inputs[1 + i].payload();
    verdicts.push_back(look_into(body.updates[i], update));
    if (!verdicts.back().finite) continue;
    const UpdateInfo info = info_of(verdicts.back(), update);
    accepted.add(info, std::move(update));
  }
  Payload reduced;
  if (accepted.each.size() < body.minimum) return reduced;
  accepted.sort();
  const auto updates = accepted.pointers();
  for (const RecordSpec& spec : opened_shape(body.exchange)) {
    if (!spec.real()) continue;
    Record& record = reduced.add(spec);
    if (spec.reduce == Reduce::kMean) continue;
    std::vector<ExactSum::Term> terms;
    for (const Payload* update : updates)
      terms.push_back({update->at(spec.name).f32().data(), 1, 1});
    ExactSum sum(record.size());
    sum.add(terms);
    sum.scaled(1.0, record.f32());
  }
  GatherContext context{.updates = updates,
                        .infos = accepted.infos,
                        .replies = accepted.replies,
                        .reduced = reduced,
                        .workspace = workspace};
  reducer_->reduce(context);
  add_mean_buffers(accepted, body, reduced);
  return reduced;
}

void UpdatePath::act_stages(const FinishBody& body, const Accepted& accepted, Payload& reduced,
                            Payload& server, Workspace& workspace) const {
  for (std::size_t i = 0; i < stages_.size(); ++i) {
    const bool secret = stages_[i]->traits().once && options_.entropy;
    RandomStream noise(secret ? options_.entropy() : options_.seeds.sampling,
                       "stage " + std::to_string(i) + " " + server_.stages[i].name + ", exchange " +
                           std::to_string(body.exchange.training),
                       NodeId::cloud(), body.round);
    ServerStageContext context{.reduced = reduced,
                               .infos = accepted.infos,
                               .population = options_.population,
                               .exchange = body.exchange.training,
                               .state = server,
                               .noise = noise,
                               .workspace = workspace};
    stages_[i]->act(context);
  }
}

/// False if the cohort is asked for another training.
bool UpdatePath::step_server(const FinishBody& body, const Accepted& accepted, Payload& reduced,
                             Payload& server, Payload& ask, Workspace& workspace) const {
  act_stages(body, accepted, reduced, server, workspace);
  const auto each = accepted.pointers();
  std::vector<float> delta(training_.learnt()->size());
  FinishContext context{.exchange = body.exchange.training,
                        .reduced = reduced,
                        .state = server,
                        .delta = delta,
                        .ask = ask,
                        .each = each,
                        .infos = accepted.infos,
                        .replies = accepted.replies};
  if (reducer_->finish(context) == Finish::kAnotherExchange) return false;
  for (float& value : delta) value = -value;  // the pseudo-gradient
  const auto steps = server.open("server/steps").i64();
  const double factor =
      server_.schedule.factor(body.round > 0 ? body.round - 1 : 0, options_.rounds);
  OptimizerState state{static_cast<std::uint64_t>(steps[0]), server.open("server/moments").f32(),
                       static_cast<float>(factor)};
  const auto model = server.open("model").f32();
  optimizer_->step(model.first(delta.size()), delta, state);
  ++steps[0];
  if (!ExactSum::finite(model.first(delta.size()))) {
    throw JobError({.plugin = std::string(Optimizer::kSlot) + " \"" + server_.optimizer.name + "\"",
                    .text = "in step(): the model has a value that is infinite or not a number"});
  }
  if (const Record* buffers = reduced.find(kBuffers)) {
    const auto values = model.subspan(options_.learner.layout()->begin(Group::kBuffer));
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (std::isfinite(values[i])) values[i] = buffers->f32()[i];
    }
  }
  CombineContext combine{reduced, server, accepted.count, options_.population};
  training_.combine(combine);
  return true;
}

JobResult UpdatePath::run_finish(const Job& job, Workspace& workspace) const {
  const FinishBody body = body_of<FinishBody>(job);
  FinishReport report;
  Payload server = job.inputs[0].payload();
  Accepted accepted;
  std::size_t next = 1 + (body.has_sums ? 1 : 0) + body.updates.size();
  accepted.results.reserve(body.replies.size());
  for (const AskedReply& asked : body.replies) {
    accepted.replies.push_back(asked.reply);
    if (!asked.has_result) continue;
    Payload result = job.inputs[next++].payload();
    if (!finite(result)) continue;  // it came from a peer
    accepted.results.push_back(std::move(result));
    accepted.replies.back().result = &accepted.results.back();
  }
  Payload reduced;
  if (gathers()) {
    reduced = gather(job, body, accepted, report.verdicts, workspace);
  } else {
    Content none;
    if (!body.has_sums) none.sums = empty_sums(opened_shape(body.exchange));
    const Content& sums = body.has_sums ? job.inputs[1].content() : none;
    reduced = reduce_sums(sums, body.exchange, workspace);
    const std::vector<SavedInfo> infos = saved_infos(sums.payload);
    for (std::size_t i = 0; i < infos.size(); ++i) {
      Payload records;
      for (const RecordSpec& spec : opened_shape(body.exchange)) {
        if (spec.reduce != Reduce::kEach || spec.name == "report") continue;
        const Record& kept = sums.payload.at(apart(i, spec.name));
        const auto copy = records.add(spec).overwrite();
        std::copy(kept.bytes().begin(), kept.bytes().end(), copy.begin());
      }
      accepted.add(infos[i].info, std::move(records));
    }
    accepted.sort();
  }
  accepted.count = body.accepted;
  for (const Verdict& verdict : report.verdicts) accepted.count += verdict.finite ? 1 : 0;
  const bool abandoned = accepted.count < body.minimum;

  Payload ask;
  if (!abandoned && up_.opens_after()) {
    const auto each = accepted.pointers();
    auto opened = up_.open_sum(reduced, training_.record_shape(body.exchange.training),
                               {.infos = accepted.infos, .each = each, .state = server, .ask = ask},
                               body.exchange.coding, workspace);
    if (!opened) throw JobError({.text = "the sum could not be opened: " + opened.message()});
    reduced = std::move(*opened);
    if (!ask.records().empty()) report.next = NextExchange::kCoding;
  }
  if (abandoned) {
    report.end = RoundEnd::kAbandoned;
  } else if (report.next == NextExchange::kNone) {
    const bool stepped = step_server(body, accepted, reduced, server, ask, workspace);
    if (!stepped) report.next = NextExchange::kTraining;
    if (stepped && same_model(job.inputs[0].payload(), server)) report.end = RoundEnd::kUnchanged;
  }
  Payload down = downlink(server);
  for (const auto& record : ask.records()) down.add(record);
  JobResult result;
  result.outputs.push_back({std::move(server), {}});
  result.outputs.push_back({std::move(down), {}});
  result.report = to_bytes(report);
  return result;
}

}  // namespace skerry::parts
