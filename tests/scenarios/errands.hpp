#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "scenarios/role/paradigm.hpp"

namespace skerry {

/// A paradigm for tests of drivers; it learns nothing. In each round the cloud sends an order to
/// every edge that has joined. An edge runs one job (the errand) and sends its result, or that it
/// failed. When all have answered, the cloud adds up the results, has the sum measured by a
/// detached job, and goes on. A failed job of the cloud ends the run.
///
/// Metrics: `sum` and `failed` (errands) a round, `measured`, which is the sum again.
class Errands final : public role::Paradigm {
 public:
  enum Kind : std::uint16_t { kPrepare, kErrand, kAdd, kMeasure };
  enum MessageKind : std::uint16_t { kOrder, kDone, kFailed };
  struct Plan {
    std::uint32_t edges = 3;
    std::uint64_t rounds = 3;
    /// Called in every job, on its thread. May throw, and may change the job's result.
    std::function<void(const role::Job&, float& value)> during = [](const role::Job&, float&) {};
    bool once = false;  // the errand
    /// May change where a message goes.
    std::function<void(role::Message&)> reroute = [](role::Message&) {};
    /// Live: rounds begin when this many edges have joined; 0 means all.
    std::uint32_t start_with = 0;
  };

  explicit Errands(Plan plan) : plan_(std::move(plan)) {
    const auto one = [](const role::Job&) { return role::OutputShapes{{spec()}}; };
    const auto work = [](const role::Job&) { return role::Work{.flops = 5e8, .bytes = 1e8}; };
    const auto run = [this](role::Job job, Workspace&) { return compute(job); };
    jobs_.add({.name = "prepare", .reports = false, .shapes = one, .run = run});
    jobs_.add({.name = "errand",
               .reports = false,
               .once = plan_.once,
               .trains = true,
               .shapes = one,
               .work = work,
               .run = run});
    jobs_.add({.name = "add", .shapes = one, .work = work, .run = run});
    jobs_.add({.name = "measure", .run = run});
  }

  std::uint32_t edges() const { return plan_.edges; }

  std::unique_ptr<role::Role> make_role(NodeId node) const override {
    if (node.is_cloud()) return std::make_unique<Cloud>(*this);
    return std::make_unique<Edge>(*this, node);
  }
  const role::JobKinds& jobs() const override { return jobs_; }
  std::string_view numerics() const override { return "none"; }

 private:
  static constexpr std::size_t kSize = 100;
  static RecordSpec spec() {
    static const auto layout = std::make_shared<const Layout>(Layout::flat("delta", kSize));
    return {"delta", layout};
  }

  role::JobResult compute(const role::Job& job) const {
    float value = job.kind == kErrand ? static_cast<float>(job.node.number()) : 0;
    for (const role::PayloadRef& input : job.inputs) {
      const Payload given = input.payload();
      value += given.at("delta").f32()[0];
    }
    plan_.during(job, value);
    role::JobResult result;
    if (job.kind == kMeasure) {
      result.report = to_bytes(role::Metrics{{"measured", double{value}}});
      return result;
    }
    role::Content content;
    const auto out = content.payload.add(spec()).overwrite_f32();
    std::fill(out.begin(), out.end(), value);
    result.outputs.push_back(std::move(content));
    if (job.kind == kAdd) result.report = to_bytes(double{value});
    return result;
  }

  class Node : public role::Role {
   public:
    Node(const Errands& errands, NodeId self) : errands_(errands), self_(self) {}

   protected:
    std::uint64_t start(Kind kind, std::uint64_t round, std::vector<role::PayloadRef> inputs,
                        role::Effects& effects) {
      role::Job job;
      job.number = ++last_job_;
      job.node = self_;
      job.kind = kind;
      job.detached = kind == kMeasure;
      job.key = {1, self_, static_cast<Round>(round)};
      job.step = round;
      job.inputs = std::move(inputs);
      effects.start(std::move(job));
      return last_job_;
    }
    void send(NodeId to, MessageKind kind, std::vector<role::PayloadRef> payloads,
              role::Effects& effects) {
      role::Message message;
      message.from = self_;
      message.to = to;
      message.kind = kind;
      message.payloads = std::move(payloads);
      errands_.plan_.reroute(message);
      effects.send(std::move(message));
    }

    const Errands& errands_;
    const NodeId self_;
    std::uint64_t last_job_ = 0;
  };

  class Edge final : public Node {
   public:
    using Node::Node;
    bool idle() const override { return job_ == 0; }
    void save(ByteWriter& writer) const override { writer(last_job_, job_); }
    void load(ByteReader& reader) override { reader(last_job_, job_); }

   private:
    void on_message(const role::Message& message, SimTime, role::Effects& effects) override {
      if (message.kind == kOrder) job_ = start(kErrand, last_job_ + 1, message.payloads, effects);
    }
    void on_job(const role::JobFinished& done, SimTime, role::Effects& effects) override {
      job_ = 0;
      send(NodeId::cloud(), kDone, done.outputs, effects);
    }
    void on_job_failed(const role::JobFailed&, SimTime, role::Effects& effects) override {
      job_ = 0;
      send(NodeId::cloud(), kFailed, {}, effects);
    }
    std::uint64_t job_ = 0;  // under way
  };

  class Cloud final : public Node {
   public:
    explicit Cloud(const Errands& errands) : Node(errands, NodeId::cloud()) {}
    void save(ByteWriter& writer) const override {
      writer(last_job_, round_, wanted_, joined_, answered_, failed_, model_, made_);
    }
    void load(ByteReader& reader) override {
      reader(last_job_, round_, wanted_, joined_, answered_, failed_, model_, made_);
    }

   private:
    void on_start(const role::Start& event, SimTime, role::Effects& effects) override {
      const std::uint32_t given = errands_.plan_.start_with;
      wanted_ = given > 0 ? given : event.edges;
      for (std::uint32_t k = 0; k < event.edges && event.all_joined; ++k) {
        joined_.push_back(NodeId::edge(k));
      }
      start(kPrepare, 0, {}, effects);
    }
    void on_peer_joined(const role::PeerJoined& event, SimTime, role::Effects& effects) override {
      joined_.push_back(event.node);
      if (round_ == 0 && model_) begin_when_all_are_there(effects);
    }
    void begin_when_all_are_there(role::Effects& effects) {
      if (joined_.size() >= wanted_) begin_round(effects);
    }
    void begin_round(role::Effects& effects) {
      ++round_;
      answered_ = failed_ = 0;
      made_.clear();
      for (const NodeId edge : joined_) send(edge, kOrder, {model_}, effects);
    }
    void on_message(const role::Message& message, SimTime, role::Effects& effects) override {
      ++answered_;
      if (message.kind == kFailed) ++failed_;
      if (message.kind == kDone) made_.push_back(message.payloads[0]);
      if (answered_ == joined_.size()) start(kAdd, round_, made_, effects);
    }
    void on_job(const role::JobFinished& done, SimTime, role::Effects& effects) override {
      if (round_ == 0) {
        model_ = done.outputs[0];
        return begin_when_all_are_there(effects);
      }
      effects.metric("sum", round_, from_bytes<double>(done.report).value());
      effects.metric("failed", round_, static_cast<double>(failed_));
      start(kMeasure, round_, done.outputs, effects);
      if (round_ == errands_.plan_.rounds) return effects.stop("all rounds", done.outputs[0]);
      begin_round(effects);
    }
    void on_job_failed(const role::JobFailed& event, SimTime, role::Effects& effects) override {
      effects.stop("a job of the cloud failed: " + event.failure.message(), model_);
    }

    std::uint64_t round_ = 0;
    std::uint64_t wanted_ = 0;
    std::vector<NodeId> joined_;
    std::uint64_t answered_ = 0;
    std::uint64_t failed_ = 0;
    role::PayloadRef model_;
    std::vector<role::PayloadRef> made_;
  };

  Plan plan_;
  role::JobKinds jobs_;
};

}  // namespace skerry
