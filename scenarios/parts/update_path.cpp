#include "scenarios/parts/update_path.hpp"

#include <algorithm>
#include <utility>

#include "algorithms/sdk/local_loop.hpp"
#include "scenarios/parts/job_body.hpp"

namespace skerry::parts {

using role::Job;
using role::JobResult;

UpdatePath::UpdatePath(const ServerConfig& server, const UpdateConfig& update,
                       const Training& training, Options options)
    : server_(server),
      update_(update),
      training_(training),
      options_(std::move(options)),
      reducer_(options_.registry.make(server.reduce)),
      optimizer_(options_.registry.make(server.optimizer)),
      up_(update.up, options_.registry),
      down_(update.down, options_.registry) {
  for (const auto& stage : server.stages) stages_.push_back(options_.registry.make(stage));
  const Layout& model = *options_.learner.layout();
  if (!options_.origin.known_on_edges || sends_changes() || model.size(Group::kFrozen) == 0) return;
  std::vector<float> first(model.size());
  first_model(first);
  const auto begin = first.begin() + static_cast<std::ptrdiff_t>(model.begin(Group::kFrozen));
  frozen_.assign(begin, begin + static_cast<std::ptrdiff_t>(model.size(Group::kFrozen)));
}

void UpdatePath::first_model(std::span<float> parameters) const {
  const std::vector<float>& given = options_.origin.parameters;
  if (given.empty()) {
    options_.learner.initialise(RandomStream(options_.seeds.init, "init"), parameters);
  } else {
    std::ranges::copy(given, parameters.begin());
  }
}

void UpdatePath::check(const ServerConfig& server, const UpdateConfig& update,
                       const Registry& registry, Problems& problems) {
  TransformList::check(update.up, false, registry, "/update/up", problems);
  const bool whole = update.down_sends == DownSends::kModel;
  TransformList::check(update.down, whole, registry, "/update/down", problems);
  const TransformList down(update.down, registry);
  if (down.opens_after()) {
    problems.add("/update/down",
                 "has a transform whose encoded records add up, but there is one "
                 "model only");
  }
  const TransformList up(update.up, registry);
  const bool gathers = registry.make(server.reduce)->traits().form == ReducerTraits::Form::kGather;
  if (gathers && up.opens_after()) {
    problems.add("/update/up", "opens a sum of encoded updates, and \"" + server.reduce.name +
                                   "\" must see every update by itself: take a reducer that sums, "
                                   "like \"mean\"");
  }
}

std::uint32_t UpdatePath::minimum(std::uint32_t wanted) const {
  const bool empty_too = std::any_of(stages_.begin(), stages_.end(), [](const auto& stage) {
    return stage->traits().empty_cohort;
  });
  return empty_too ? 0 : std::max(wanted, reducer_->traits().minimum);
}

std::vector<RecordSpec> UpdatePath::plain_shape(Exchange exchange) const {
  return training_.update_shape(exchange.training);
}

namespace {

std::vector<RecordSpec> with_report(std::vector<RecordSpec> records) {
  records.push_back(report_record());
  return records;
}

}  // namespace

std::vector<RecordSpec> UpdatePath::wire_shape(Exchange exchange) const {
  if (up_.empty()) return plain_shape(exchange);
  return with_report(up_.wire(training_.record_shape(exchange.training), exchange.coding));
}

std::vector<RecordSpec> UpdatePath::opened_shape(Exchange exchange) const {
  if (up_.empty()) return plain_shape(exchange);
  return with_report(up_.opened(training_.record_shape(exchange.training), exchange.coding));
}

std::vector<RecordSpec> UpdatePath::codec_state() const {
  return up_.state(training_.record_shape(0));
}

Payload UpdatePath::downlink(const Payload& server) const {
  Payload down;
  for (const RecordSpec& spec : down_shape()) down.add(server.share(spec.name));
  return down;
}

JobResult UpdatePath::run_initialise(const Job& job) const {
  Payload server;
  Record& model = server.add({"model", options_.learner.layout()});
  if (job.inputs.empty()) {
    first_model(model.f32());
  } else {
    const Payload given = job.inputs[0].payload();
    std::ranges::copy(given.at("model").f32(), model.overwrite_f32().begin());
  }
  for (std::size_t i = 1; i < down_shape().size(); ++i) server.add(down_shape()[i]);
  const std::size_t moments = optimizer_->moments() * training_.learnt()->size();
  server.add(
      {"server/moments", std::make_shared<const Layout>(Layout::flat("server/moments", moments))});
  server.add({"server/steps",
              std::make_shared<const Layout>(Layout::flat("server/steps", 1, DType::kInt64))});
  for (RecordSpec& spec : reducer_->state(training_.learnt())) server.add(std::move(spec));
  const std::vector<RecordSpec> records = training_.record_shape(0);
  for (RecordSpec& spec : up_.cloud_state(records)) server.add(std::move(spec));
  for (const auto& stage : stages_) {
    for (RecordSpec& spec : stage->state(records)) server.add(std::move(spec));
  }
  Payload down = downlink(server);
  JobResult result;
  result.outputs.push_back({std::move(server), {}});
  result.outputs.push_back({std::move(down), {}});
  return result;
}

JobResult UpdatePath::run_encode(const Job& job, Workspace& workspace) const {
  const EncodeBody body = body_of<EncodeBody>(job);
  const Payload plain = job.inputs[0].payload();
  const Payload down = job.inputs[1].payload();
  const std::vector<RecordSpec> state_shape = codec_state();
  Payload state;
  if (job.inputs.size() > 2 && job.inputs[2]) {
    state = job.inputs[2].payload();
  } else {
    for (const RecordSpec& spec : state_shape) state.add(spec);
  }
  if (body.settlement) up_.settle(state, *body.settlement);
  Payload records;
  for (const auto& record : plain.records()) {
    if (record->name() != "report") records.add(record);
  }
  const auto report = plain.at("report").f32();
  RandomStream secret(options_.entropy ? options_.entropy() : job.key.seed, "transform secrets",
                      job.key.node, job.key.round);
  Payload unused;
  Payload wire = up_.encode(records, training_.record_shape(body.exchange.training),
                            {.plain = records,
                             .down = down,
                             .state = state,
                             .wire = unused,
                             .info = {.node = job.node,
                                      .round = body.round,
                                      .samples = static_cast<std::uint64_t>(report[0]),
                                      .steps = static_cast<std::uint64_t>(report[1]),
                                      .loss = report[2]},
                             .key = job.key,
                             .exchange = body.exchange.coding,
                             .secret = &secret,
                             .workspace = workspace});
  wire.add(plain.share("report"));
  JobResult result;
  result.outputs.push_back({std::move(wire), {}});
  if (!state_shape.empty()) result.outputs.push_back({std::move(state), {}});
  return result;
}

JobResult UpdatePath::run_decode(const Job& job, Workspace& workspace) const {
  const DecodeBody body = body_of<DecodeBody>(job);
  const Payload update = job.inputs[0].payload();
  DecodeReport report{.update = body.update, .refused = {}};
  Payload opened;
  Payload records;
  for (const auto& record : update.records()) {
    if (record->name() != "report") records.add(record);
  }
  auto result = up_.open(records, training_.record_shape(body.exchange.training),
                         {.node = body.update.node,
                          .round = body.update.round,
                          .staleness = body.update.staleness,
                          .weight = body.update.weight},
                         body.exchange.coding, workspace);
  if (result) {
    opened = std::move(*result);
    opened.add(update.share("report"));
    for (const auto& record : opened.records()) record->finite();  // while it is in the cache
  } else {
    report.refused = result.message();
    for (const RecordSpec& spec : opened_shape(body.exchange)) opened.add(spec);
  }
  JobResult made;
  made.outputs.push_back({std::move(opened), {}});
  made.report = to_bytes(report);
  return made;
}

/// The records of a downlink besides the model's. What the reducer asks with crosses the wire as it
/// is.
Payload UpdatePath::without_model(const Payload& down, const std::vector<RecordSpec>& model) const {
  Payload rest;
  for (const auto& record : down.records()) {
    const bool named = std::any_of(model.begin(), model.end(), [&](const RecordSpec& spec) {
      return spec.name == record->name();
    });
    if (!named) rest.add(record);
  }
  return rest;
}

namespace {

/// The part of the model that is not learnt crosses the wire as it is, beside the encoded part.
constexpr const char* kRest = "model/rest";

/// The tensors of a model that are neither learnt nor known on both sides.
LayoutRef travelling_rest(const LayoutRef& model, bool frozen_are_known) {
  if (!frozen_are_known) return rest_of(model, Group::kShared);
  std::vector<TensorSpec> tensors;
  for (const TensorSpec& tensor : model->tensors()) {
    if (tensor.group != Group::kShared && tensor.group != Group::kFrozen) tensors.push_back(tensor);
  }
  return std::make_shared<const Layout>(std::move(tensors), model->type());
}

/// Copies the tensors that both records have.
void copy_tensors(const Record& from, Record& to) {
  for (const TensorSpec& tensor : from.layout().tensors()) {
    if (to.layout().find(tensor.name)) {
      std::ranges::copy(from.f32(tensor.name), to.f32(tensor.name).begin());
    }
  }
}

}  // namespace

/// down_shape(), as the transforms of the downlink see it.
std::vector<RecordSpec> UpdatePath::coded_shape() const {
  std::vector<RecordSpec> shape = down_shape();
  const LayoutRef& model = options_.learner.layout();
  if (training_.learnt() == model) return shape;
  shape[0].layout = training_.learnt();
  const LayoutRef rest = travelling_rest(model, !frozen_.empty());
  if (rest->size() > 0) shape.push_back({kRest, rest});
  return shape;
}

Payload UpdatePath::split_model(const Payload& down) const {
  const Record& model = down.at("model");
  Payload coded;
  for (const RecordSpec& spec : coded_shape()) {
    const bool part =
        spec.name == kRest || (spec.name == "model" && *spec.layout != model.layout());
    if (part) {
      copy_tensors(model, coded.add(spec));
    } else {
      coded.add(down.share(spec.name));
    }
  }
  return coded;
}

Payload UpdatePath::join_model(const Payload& coded) const {
  if (coded.at("model").layout() == *options_.learner.layout()) return coded;
  Payload down;
  for (const RecordSpec& spec : down_shape()) {
    if (spec.name != "model") {
      down.add(coded.share(spec.name));
      continue;
    }
    Record& model = down.add(spec);
    copy_tensors(coded.at("model"), model);
    if (const Record* rest = coded.find(kRest)) copy_tensors(*rest, model);
    const auto frozen = model.f32().subspan(spec.layout->begin(Group::kFrozen));
    std::ranges::copy(frozen_, frozen.begin());
  }
  return down;
}

Payload UpdatePath::encode_model(const Payload& model, const StreamKey& key,
                                 Workspace& workspace) const {
  const std::vector<RecordSpec> shape = coded_shape();
  const Payload plain = split_model(model);
  Payload state, unused;
  for (const RecordSpec& spec : down_.state(shape)) state.add(spec);
  return down_.encode(plain, shape,
                      {.plain = plain,
                       .down = plain,
                       .state = state,
                       .wire = unused,
                       .info = {},
                       .key = key,
                       .exchange = 0,
                       .workspace = workspace});
}

Payload UpdatePath::open_model(const Payload& wire, Workspace& workspace) const {
  auto opened = down_.open(wire, coded_shape(), {}, 0, workspace);
  if (!opened) throw JobError({.text = "the model could not be opened: " + opened.message()});
  return join_model(*opened);
}

namespace {

/// to - from, or from + to, of every float32 record of these shapes; others are those of `to`.
Payload combined(const Payload& from, const Payload& to, const std::vector<RecordSpec>& shape,
                 bool subtracts) {
  Payload result;
  for (const RecordSpec& spec : shape) {
    if (spec.layout->type() != DType::kFloat32) {
      result.add(to.share(spec.name));
      continue;
    }
    const auto a = from.at(spec.name).f32(), b = to.at(spec.name).f32();
    const auto out = result.add(spec).overwrite_f32();
    if (subtracts) {
      subtract(b, a, out);
    } else {
      for (std::size_t i = 0; i < out.size(); ++i) out[i] = a[i] + b[i];
    }
  }
  return result;
}

Payload joined(Payload model, const Payload& rest) {
  for (const auto& record : rest.records()) model.add(record);
  return model;
}

}  // namespace

JobResult UpdatePath::run_encode_down(const Job& job, Workspace& workspace) const {
  const Payload down = job.inputs[0].payload();
  const Payload rest = without_model(down, down_shape());
  Payload model;
  for (const RecordSpec& spec : down_shape()) model.add(down.share(spec.name));
  JobResult result;
  if (!sends_changes()) {
    result.outputs.push_back({joined(encode_model(model, job.key, workspace), rest), {}});
    return result;
  }
  Payload change;
  Payload series = model;  // W
  if (job.inputs.size() > 1) {
    const Payload before = job.inputs[1].payload();
    change = encode_model(combined(before, model, down_shape(), true), job.key, workspace);
    series = combined(before, open_model(change, workspace), down_shape(), false);
  }
  result.outputs.push_back({joined(std::move(change), rest), {}});
  result.outputs.push_back({joined(std::move(series), rest), {}});
  return result;
}

JobResult UpdatePath::run_decode_down(const Job& job, Workspace& workspace) const {
  const std::vector<RecordSpec> wire = down_.wire(coded_shape(), 0);
  const auto opened = [&](const Payload& given) {
    Payload coded;
    for (const RecordSpec& spec : wire) {
      if (given.find(spec.name) == nullptr) {
        throw JobError({.text = "the model came without \"" + spec.name + "\""});
      }
      coded.add(given.share(spec.name));
    }
    return open_model(coded, workspace);
  };
  const std::size_t first = sends_changes() ? 1 : 0;
  Payload model;
  if (sends_changes()) model = job.inputs[0].payload();
  Payload rest;
  for (std::size_t i = first; i < job.inputs.size(); ++i) {
    const Payload given = job.inputs[i].payload();
    const Payload part = opened(given);
    model = sends_changes() ? combined(model, part, down_shape(), false) : part;
    rest = without_model(given, wire);
  }
  JobResult result;
  result.outputs.push_back({joined(std::move(model), rest), {}});
  return result;
}

namespace {

role::Work codec_work(const Cost& cost) { return {.flops = cost.flops, .bytes = cost.bytes}; }

}  // namespace

role::JobKind UpdatePath::initialise() const {
  return {.name = "initialise",
          .shapes =
              [this](const Job&) {
                return role::OutputShapes{{}, down_shape()};
              },
          .run = [this](const Job& job, Workspace&) { return run_initialise(job); }};
}

role::JobKind UpdatePath::encode() const {
  return {
      .name = "encode",
      .reports = false,
      .shapes =
          [this](const Job& job) {
            role::OutputShapes shapes{wire_shape(body_of<EncodeBody>(job).exchange)};
            if (auto state = codec_state(); !state.empty()) shapes.push_back(std::move(state));
            return shapes;
          },
      .work =
          [this](const Job& job) {
            const Exchange exchange = body_of<EncodeBody>(job).exchange;
            return codec_work(up_.cost(training_.record_shape(exchange.training)));
          },
      .run = [this](const Job& job, Workspace& workspace) { return run_encode(job, workspace); }};
}

role::JobKind UpdatePath::decode() const {
  return {
      .name = "decode",
      .shapes =
          [this](const Job& job) {
            return role::OutputShapes{opened_shape(body_of<DecodeBody>(job).exchange)};
          },
      .work =
          [this](const Job& job) {
            const Exchange exchange = body_of<DecodeBody>(job).exchange;
            return codec_work(up_.cost(training_.record_shape(exchange.training)));
          },
      .run = [this](const Job& job, Workspace& workspace) { return run_decode(job, workspace); }};
}

role::JobKind UpdatePath::accumulate() const {
  return {.name = "accumulate",
          .shapes = [](const Job&) { return role::OutputShapes{{}}; },
          .work =
              [this](const Job& job) {
                const double values = parameters() * static_cast<double>(job.inputs.size());
                return role::Work{.flops = 2 * values, .bytes = 12 * values};
              },
          .run = [this](Job job, Workspace& workspace) { return run_accumulate(job, workspace); }};
}

role::JobKind UpdatePath::finish() const {
  const bool once = std::any_of(stages_.begin(), stages_.end(),
                                [](const auto& stage) { return stage->traits().once; });
  return {
      .name = "finish",
      .once = once,
      .shapes =
          [](const Job&) {
            return role::OutputShapes{{}, {}};
          },
      .work =
          [this](const Job&) {
            return role::Work{.flops = 4 * parameters(), .bytes = 16 * parameters()};
          },
      .run = [this](const Job& job, Workspace& workspace) { return run_finish(job, workspace); }};
}

role::JobKind UpdatePath::encode_down() const {
  return {.name = "encode for edges",
          .shapes =
              [this](const Job&) {
                return sends_changes() ? role::OutputShapes{{}, {}} : role::OutputShapes{{}};
              },
          .work = [this](const Job&) { return codec_work(down_.cost(coded_shape())); },
          .run = [this](const Job& job,
                        Workspace& workspace) { return run_encode_down(job, workspace); }};
}

role::JobKind UpdatePath::decode_down() const {
  return {.name = "decode on edge",
          .shapes = [](const Job&) { return role::OutputShapes{{}}; },
          .work = [this](const Job&) { return codec_work(down_.cost(coded_shape())); },
          .run = [this](const Job& job,
                        Workspace& workspace) { return run_decode_down(job, workspace); }};
}

}  // namespace skerry::parts
