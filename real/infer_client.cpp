#include "real/infer_client.hpp"

#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <mutex>
#include <optional>
#include <thread>

#include "real/infer.grpc.pb.h"
#include "real/protocol.hpp"
#include "real/quiet_grpc.hpp"

namespace skerry::real {

struct InferClient::Impl {
  std::string address;
  std::string token;
  std::unique_ptr<infer::Infer::Stub> stub;

  void prepare(grpc::ClientContext& context, Duration patience) const {
    context.set_deadline(std::chrono::system_clock::now() +
                         std::chrono::nanoseconds(patience.count()));
    if (!token.empty()) context.AddMetadata("authorization", "Bearer " + token);
  }
};

InferClient::InferClient(const InferAddress& address, std::string token)
    : impl_(std::make_unique<Impl>()) {
  keep_grpc_quiet();
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);  // the token goes to this machine only
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  impl_->address = address.text();
  impl_->token = std::move(token);
  impl_->stub = infer::Infer::NewStub(
      grpc::CreateCustomChannel(address.target(), grpc::InsecureChannelCredentials(), arguments));
}

InferClient::~InferClient() = default;

Result<InferClient::Description> InferClient::describe(Duration patience) const {
  grpc::ClientContext context;
  impl_->prepare(context, patience);
  infer::DescribeReply reply;
  const grpc::Status status = impl_->stub->Describe(&context, {}, &reply);
  if (status.error_code() == grpc::StatusCode::UNIMPLEMENTED) {
    return Failure{impl_->address + ": answers no examples; ask where an edge was told to --serve"};
  }
  if (!status.ok()) {
    return Failure{impl_->address + ": " + std::string(name_of(status.error_code())) + ": " +
                   status.error_message()};
  }
  return Description{reply.node(),
                     {.shape = {reply.shape().begin(), reply.shape().end()},
                      .classes = reply.classes(),
                      .bytes = reply.takes_bytes(),
                      .features = {reply.features().begin(), reply.features().end()}}};
}

namespace {

infer::AskRequest request_of(const Question& question) {
  infer::AskRequest request;
  request.mutable_shape()->Add(question.shape.begin(), question.shape.end());
  if (!question.bytes.empty()) {
    request.set_raw_bytes(question.bytes.data(), question.bytes.size());
  } else {
    request.mutable_values()->mutable_value()->Add(question.values.begin(), question.values.end());
  }
  return request;
}

InferReply reply_of(const grpc::Status& status, const infer::AskReply& given) {
  InferReply reply;
  if (!status.ok()) {
    reply.status = name_of(status.error_code());
    reply.text = status.error_message();
  } else if (!given.has_answer()) {
    reply.status = "REFUSED";
    reply.text = given.refusal();
  } else {
    reply.label = given.answer().label();
    reply.scores.assign(given.answer().scores().begin(), given.answer().scores().end());
    reply.from_cloud = given.answer().from_cloud();
  }
  return reply;
}

/// Hands replies on in order, whatever order they come in.
class InOrder {
 public:
  using Each = std::function<void(std::size_t, const InferReply&)>;
  InOrder(std::size_t count, const Each& each) : replies_(count), each_(each) {}

  void put(std::size_t index, InferReply reply) {
    const std::lock_guard lock(mutex_);
    replies_[index] = std::move(reply);
    for (; next_ < replies_.size() && replies_[next_]; ++next_) {
      each_(next_, *replies_[next_]);
      replies_[next_] = InferReply{};  // frees its scores
    }
  }

 private:
  std::mutex mutex_;
  std::vector<std::optional<InferReply>> replies_;
  std::size_t next_ = 0;
  const Each& each_;
};

}  // namespace

InferReply InferClient::ask(const Question& question, Duration patience) const {
  const infer::AskRequest request = request_of(question);
  grpc::ClientContext context;
  impl_->prepare(context, patience);
  infer::AskReply given;
  const auto began = std::chrono::steady_clock::now();
  const grpc::Status status = impl_->stub->Ask(&context, request, &given);
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - began;
  InferReply reply = reply_of(status, given);
  reply.seconds = taken.count();
  return reply;
}

void InferClient::ask_all(std::span<const Question> questions, const Pace& pace,
                          const std::function<void(std::size_t, const InferReply&)>& each) const {
  InOrder in_order(questions.size(), each);
  std::atomic<std::size_t> next = 0;
  const auto work = [&] {
    for (std::size_t i = next++; i < questions.size(); i = next++) {
      in_order.put(i, ask(questions[i], pace.patience));
    }
  };
  std::vector<std::thread> threads;
  const std::size_t count = std::min(std::max<std::size_t>(pace.at_once, 1), questions.size());
  for (std::size_t i = 0; i < count; ++i) threads.emplace_back(work);
  for (std::thread& thread : threads) thread.join();
}

}  // namespace skerry::real
