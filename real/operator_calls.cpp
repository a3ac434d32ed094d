// What an operator asks the cloud to do.
#include "real/cloud_service.hpp"
#include "real/operator_call.hpp"

namespace skerry::real {

using host::RefusalReason;

/// The call, if whoever makes it may and the run goes on; else null, and it has ended.
/// @param refuse  as OperatorCall's.
std::shared_ptr<OperatorCall> CloudService::admit(const grpc::CallbackServerContext& context,
                                                  grpc::ServerUnaryReactor* reactor,
                                                  std::function<void(const std::string&)> refuse) {
  const auto names = context.auth_context()->FindPropertyValues(GRPC_X509_SAN_PROPERTY_NAME);
  if (options_.keys && (names.size() != 1 || names[0] != "operator")) {
    count(RefusalReason::kIdentity);
    reactor->Finish(status_of(RefusalReason::kIdentity, "only an operator gives commands"));
    return nullptr;
  }
  auto call = std::make_shared<OperatorCall>(reactor, std::move(refuse));
  const std::lock_guard lock(mutex_);
  if (closing_) {
    call->refuse("the run is over");
    return nullptr;
  }
  calls_.insert(call);
  return call;
}

void CloudService::finish(const std::shared_ptr<OperatorCall>& call,
                          const std::function<void()>& write) {
  call->finish(write);
  const std::lock_guard lock(mutex_);
  calls_.erase(call);
}

grpc::ServerUnaryReactor* CloudService::Command(grpc::CallbackServerContext* context,
                                                const wire::CommandRequest* request,
                                                wire::CommandReply* reply) {
  auto* reactor = context->DefaultReactor();
  const auto write = [reply](const role::Reply& said) {
    reply->set_done(said.done);
    reply->set_text(said.text);
  };
  const auto call = admit(*context, reactor, [write](const std::string& why) {
    write({false, why});
  });
  if (!call) return reactor;
  driver_.post([this, call, write, text = request->text()] {
    driver_.command(
        text, [this, call, write](const role::Reply& said) { finish(call, [&] { write(said); }); });
  });
  return reactor;
}

void CloudService::begin_closing() {
  const std::lock_guard lock(mutex_);
  closing_ = true;
  for (const auto& call : calls_) call->refuse("the cloud has ended");
  calls_.clear();
}

}  // namespace skerry::real
