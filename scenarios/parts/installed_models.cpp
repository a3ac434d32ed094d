#include "scenarios/parts/installed_models.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "scenarios/parts/evaluation.hpp"
#include "scenarios/parts/job_body.hpp"

namespace skerry::parts {

std::size_t SelfCheck::examples(NodeId node) const {
  return std::min(kExamples, data_.size(node, Split::kTrain));
}

bool SelfCheck::fits(const std::vector<RecordSpec>& shape) const {
  return role::same_shape(shape, {{"model", learner_.layout()}});
}

std::string SelfCheck::fault_of(const role::Job& job, Workspace& workspace) const {
  const Payload held = job.inputs[0].kept();  // or the first answer would wait for its values
  const Record& model = held.at("model");
  if (!model.finite()) return "a parameter is no finite number";
  View view = data_.view(job.node, Split::kTrain, workspace.rows("view"));
  view.rows = view.rows.first(std::min(kExamples, view.size()));
  if (view.size() == 0) return {};
  const auto inputs =
      workspace.floats("self-check/inputs", view.size() * data_.schema().input_size());
  view.samples->inputs(view.rows, inputs);
  const Predictions said = learner_.predict(model.f32(), {.size = view.size(), .inputs = inputs},
                                            workspace.tape(learner_));
  const bool finite = std::ranges::all_of(said.scores, [](float x) { return std::isfinite(x); });
  return finite ? "" : "a score is no finite number";
}

role::JobKind SelfCheck::kind() const {
  return {
      .name = "check a model",
      .patient = true,
      .work = [this](const role::Job& job) { return inference_work(learner_, examples(job.node)); },
      .run =
          [this](const role::Job& job, Workspace& workspace) {
            return role::JobResult{{}, to_bytes(fault_of(job, workspace))};
          }};
}

void InstalledModels::answer(std::uint64_t number, std::string fault,
                             role::Effects& effects) const {
  effects.send(channel_.message(book_.node(), NodeId::cloud(), RolloutKind::kInstalled,
                                Installed{number, serving_.version, std::move(fault)}));
}

InstalledModels::Heard InstalledModels::on_message(const role::Message& message,
                                                   role::Effects& effects) {
  if (!channel_.carries(message)) return Heard::kNotMine;
  if (!message.from.is_cloud()) return Heard::kRefused;
  if (channel_.is(message, RolloutKind::kInstall)) return take(message, effects);
  if (channel_.is(message, RolloutKind::kGoBack)) return go_back(message, effects);
  return Heard::kRefused;
}

InstalledModels::Heard InstalledModels::take(const role::Message& message, role::Effects& effects) {
  const auto order = from_bytes<InstallOrder>(message.body);
  if (!order || order->version == 0 || order->as > InstallAs::kShadow ||
      message.payloads.size() != 1 || !message.payloads[0] ||
      !check_.fits(message.payloads[0].shape())) {
    return Heard::kRefused;
  }
  if (order->number <= newest_) {
    if (!coming_) answer(newest_, "", effects);  // our answer may have been lost
    return Heard::kNothing;
  }
  newest_ = order->number;
  if (coming_) effects.cancel(job_);
  coming_ = Coming{*order, message.payloads[0]};
  role::Job job;
  job.kind = kind_;
  job.inputs = {coming_->model};
  job_ = book_.start(std::move(job), order->version, order->version, effects);
  return Heard::kNothing;
}

InstalledModels::Heard InstalledModels::go_back(const role::Message& message,
                                                role::Effects& effects) {
  const auto order = from_bytes<GoBackOrder>(message.body);
  if (!order || order->version == 0) return Heard::kRefused;
  if (order->number <= newest_) {
    answer(newest_, "", effects);
    return Heard::kNothing;
  }
  newest_ = order->number;
  if (coming_) effects.cancel(job_);
  coming_.reset();
  NumberedModel shadow = std::exchange(shadow_, {});
  std::string fault;
  if (before_.version == order->version) {
    serving_ = std::exchange(before_, {});
  } else if (shadow.version == order->version) {
    before_ = std::exchange(serving_, std::move(shadow));
  } else if (serving_.version != order->version) {
    fault = "model " + std::to_string(order->version) + " is not here any more";
  }
  const bool changed = fault.empty();
  answer(newest_, std::move(fault), effects);
  return changed ? Heard::kChanged : Heard::kNothing;
}

/// The check is over: swaps the model in, unless something is wrong with it.
InstalledModels::Heard InstalledModels::ended(const std::string& fault, role::Effects& effects) {
  const Coming came = *std::exchange(coming_, std::nullopt);
  if (fault.empty() && came.order.as == InstallAs::kShadow) {
    shadow_ = {came.order.version, came.model};
  } else if (fault.empty()) {
    if (shadow_.version == came.order.version) shadow_ = {};
    if (serving_.version != came.order.version) {
      before_ = std::exchange(serving_, {came.order.version, came.model});
    }
  }
  answer(came.order.number, fault, effects);
  return fault.empty() ? Heard::kChanged : Heard::kNothing;
}

InstalledModels::Heard InstalledModels::on_job(const role::JobFinished& finished,
                                               role::Effects& effects) {
  if (!coming_ || finished.number != job_) return Heard::kNotMine;
  return ended(report_of<std::string>(finished.report), effects);
}

InstalledModels::Heard InstalledModels::on_job_failed(const role::JobFailed& failed,
                                                      role::Effects& effects) {
  if (!coming_ || failed.number != job_) return Heard::kNotMine;
  return ended(failed.failure.message(), effects);
}

}  // namespace skerry::parts
