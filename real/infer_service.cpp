#include "real/infer_service.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace skerry::real {

using grpc::Status;
using grpc::StatusCode;

InferCall::InferCall(InferService& service, const infer::AskRequest& request,
                     infer::AskReply& reply)
    : service_(service), reply_(reply) {
  reply_.set_id(request.id());
}

void InferCall::fail(const Status& status) {
  if (!ended_.exchange(true)) Finish(status);
}

void InferCall::reply(const role::Answer& answer) {
  if (ended_.exchange(true)) return;
  if (!answer.refusal.empty()) {
    reply_.set_refusal(answer.refusal);
    return Finish(Status::OK);
  }
  infer::Answer& given = *reply_.mutable_answer();
  given.set_label(answer.label);
  given.set_from_cloud(answer.from_cloud);
  if (answer.prediction) {
    const Payload payload = answer.prediction.payload();
    const Record* scores = payload.find("prediction");
    if (scores != nullptr && scores->layout().type() == DType::kFloat32) {
      given.mutable_scores()->Add(scores->f32().begin(), scores->f32().end());
    }
  }
  Finish(Status::OK);
}

void InferCall::OnCancel() {
  service_.forget(number_);
  fail(Status(StatusCode::CANCELLED, "the caller has gone"));
}

bool InferService::allowed(const grpc::CallbackServerContext& context) const {
  if (!token_) return true;
  constexpr std::string_view kScheme = "Bearer ";
  const auto [first, last] = context.client_metadata().equal_range("authorization");
  if (first == last || std::next(first) != last) return false;
  const std::string_view given(first->second.data(), first->second.size());
  return given.starts_with(kScheme) && token_->matches(given.substr(kScheme.size()));
}

namespace {

Status stranger() {
  return {StatusCode::UNAUTHENTICATED,
          "send the metadata \"authorization: Bearer TOKEN\" with the token of this edge"};
}

}  // namespace

Status InferService::describe(infer::DescribeReply& reply) const {
  const std::lock_guard lock(mutex_);
  if (!node_) return {StatusCode::UNAVAILABLE, away_};
  reply.set_node(to_string(options_.self));
  reply.mutable_shape()->Add(node_->form.shape.begin(), node_->form.shape.end());
  reply.set_classes(node_->form.classes);
  reply.set_takes_bytes(node_->form.bytes);
  for (const std::string& name : node_->form.features) reply.add_features(name);
  return Status::OK;
}

grpc::ServerUnaryReactor* InferService::Describe(grpc::CallbackServerContext* context,
                                                 const infer::DescribeRequest*,
                                                 infer::DescribeReply* reply) {
  auto* reactor = context->DefaultReactor();
  reactor->Finish(allowed(*context) ? describe(*reply) : stranger());
  return reactor;
}

grpc::ServerUnaryReactor* InferService::Ask(grpc::CallbackServerContext* context,
                                            const infer::AskRequest* request,
                                            infer::AskReply* reply) {
  const auto call = std::make_shared<InferCall>(*this, *request, *reply);
  call->hold(call);
  const Status status = allowed(*context) ? admit(*request, call) : stranger();
  if (!status.ok()) call->fail(status);
  return call.get();
}

Status InferService::room() const {
  if (!node_) return {StatusCode::UNAVAILABLE, away_};
  if (open_ < options_.most_open) return Status::OK;
  return {StatusCode::RESOURCE_EXHAUSTED,
          std::to_string(open_) + " requests are open, the most there may be; ask again later"};
}

Status InferService::admit(const infer::AskRequest& request,
                           const std::shared_ptr<InferCall>& call) {
  std::shared_ptr<const Node> node;
  {
    const std::lock_guard lock(mutex_);
    if (const Status full = room(); !full.ok()) return full;
    node = node_;
  }
  const Shape shape(request.shape().begin(), request.shape().end());
  const std::string& bytes = request.raw_bytes();
  const auto& values = request.values().value();
  auto example =
      request.has_raw_bytes()
          ? node->form.payload_of(
                {reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()}, shape)
          : node->form.payload_of({values.data(), static_cast<std::size_t>(values.size())}, shape);
  if (!example) return {StatusCode::INVALID_ARGUMENT, example.message()};

  const std::lock_guard lock(mutex_);
  if (node_ != node) return {StatusCode::UNAVAILABLE, away_};
  if (const Status full = room(); !full.ok()) return full;
  const std::uint64_t number = ++last_number_;
  // No job's output has such a name: the second half of those is below 2^63.
  const role::PayloadId id{std::uint64_t{options_.self.number()} << 32, number};
  ++open_;
  calls_[number] = call;
  call->set_number(number);
  node->driver->post(
      [this, node,
       asked = role::Request{number, role::PayloadRef::of(id, {std::move(*example), {}})}] {
        enter(*node->driver, asked);
      });
  return Status::OK;
}

std::shared_ptr<InferCall> InferService::take_call(std::uint64_t number) {
  const auto found = calls_.find(number);
  if (found == calls_.end()) return nullptr;
  auto call = std::move(found->second);
  calls_.erase(found);
  return call;
}

void InferService::forget(std::uint64_t number) {
  const std::lock_guard lock(mutex_);
  (void)take_call(number);
}

void InferService::enter(NodeDriver& driver, const role::Request& request) {
  {
    const std::lock_guard lock(mutex_);
    if (!calls_.contains(request.number)) {  // its caller went before the role saw it
      --open_;
      return;
    }
  }
  driver.feed(request);  // once the run is over it takes nothing, and detach() comes
}

void InferService::answered(const role::Answer& answer) {
  std::shared_ptr<InferCall> call;
  {
    const std::lock_guard lock(mutex_);
    --open_;
    call = take_call(answer.request);
  }
  if (call) call->reply(answer);
}

void InferService::end_overdue() {
  const auto before =
      std::chrono::steady_clock::now() - std::chrono::nanoseconds(options_.patience.count());
  std::vector<std::shared_ptr<InferCall>> overdue;
  {
    const std::lock_guard lock(mutex_);
    while (!calls_.empty() && calls_.begin()->second->began() < before) {
      overdue.push_back(take_call(calls_.begin()->first));
    }
  }
  for (const auto& call : overdue) {
    call->fail({StatusCode::DEADLINE_EXCEEDED, "the edge has no answer after " +
                                                   to_string(options_.patience) +
                                                   "; perhaps the cloud cannot be reached"});
  }
}

void InferService::attach(NodeDriver& driver, const ExampleForm& form) {
  driver.on_answer = [this](const role::Answer& answer) { answered(answer); };
  driver.on_tick = [this] { end_overdue(); };
  const std::lock_guard lock(mutex_);
  node_ = std::make_shared<const Node>(Node{&driver, form});
  last_number_ = std::max(role::kFromOutside, driver.last_request());
  open_ = driver.open_requests().size();
}

void InferService::detach(const std::string& why) {
  std::map<std::uint64_t, std::shared_ptr<InferCall>> ended;
  {
    const std::lock_guard lock(mutex_);
    if (!node_) return;
    node_.reset();
    away_ = why;
    ended = std::exchange(calls_, {});
  }
  for (const auto& [number, call] : ended) call->fail({StatusCode::UNAVAILABLE, why});
}

}  // namespace skerry::real
