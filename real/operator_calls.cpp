// What an operator asks the cloud to do: commands, labels, questions.
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

/// Ends a call once all that led to its reply is durable.
void CloudService::conclude(const std::shared_ptr<OperatorCall>& call,
                            std::function<void()> write) {
  driver_.after_commit([this, call, reply = std::move(write)] { finish(call, reply); });
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

namespace {

constexpr const char* kNobodyLabels =
    "nobody labels in this run but the scenario's oracle: its cloud was started without --labels";

}  // namespace

grpc::ServerUnaryReactor* CloudService::Label(grpc::CallbackServerContext* context,
                                              const wire::LabelRequest* request,
                                              wire::LabelReply* reply) {
  auto* reactor = context->DefaultReactor();
  const auto call =
      admit(*context, reactor, [reply](const std::string& why) { reply->set_refusal(why); });
  if (!call) return reactor;
  driver_.post([this, call, reply, rows = request->rows()] {
    if (!options_.labels) return finish(call, [reply] { reply->set_refusal(kNobodyLabels); });
    conclude(call, [reply, taken = options_.labels->take(driver_, rows)] {
      reply->set_refusal(taken.refusal);
      reply->set_taken(taken.heard.taken);
      reply->set_again(taken.heard.again);
      reply->set_unlabelled(taken.unlabelled);
      for (const auto& objection : taken.heard.objections) {
        wire::RefusedLabel& row = *reply->add_refused();
        row.set_line(objection.line);
        row.set_text(objection.why);
      }
    });
  });
  return reactor;
}

grpc::ServerUnaryReactor* CloudService::Questions(grpc::CallbackServerContext* context,
                                                  const wire::QuestionsRequest* request,
                                                  wire::QuestionsReply* reply) {
  auto* reactor = context->DefaultReactor();
  const auto call =
      admit(*context, reactor, [reply](const std::string& why) { reply->set_refusal(why); });
  if (!call) return reactor;
  driver_.post([this, call, reply, from = request->from()] {
    if (!options_.labels) return finish(call, [reply] { reply->set_refusal(kNobodyLabels); });
    auto page = options_.labels->waiting(driver_, from);
    if (!page) return finish(call, [&] { reply->set_refusal(page.message()); });
    conclude(call, [reply, found = std::move(*page)] {
      reply->set_header(found.header);
      reply->set_rows(found.rows);
      reply->set_next(found.next);
      for (const auto& [name, content] : found.files) {
        wire::ExampleFile& file = *reply->add_files();
        file.set_name(name);
        file.set_content(content);
      }
      for (const std::string& name : found.classes) reply->add_classes(name);
    });
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
