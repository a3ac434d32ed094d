#include "real/infer_server.hpp"

#include <sys/stat.h>

#include "real/infer_service.hpp"
#include "real/listen_fault.hpp"
#include "real/protocol.hpp"
#include "real/quiet_grpc.hpp"

namespace skerry::real {

struct InferServer::Impl {
  Impl(const Options& given, std::optional<AccessToken> token)
      : options(given), service(given, std::move(token)) {}
  Options options;
  InferService service;
  std::unique_ptr<grpc::Server> server;
};

namespace {

constexpr int kMaxAskBytes = 16 << 20;
constexpr std::size_t kMostMemory = 256 << 20;

Result<std::optional<AccessToken>> token_of(const InferServer::Options& options) {
  if (options.address.is_socket()) return std::optional<AccessToken>();
  auto token = options.token.empty() ? AccessToken::temporary("skerry-" + to_string(options.self))
                                     : AccessToken::in_file(options.token);
  if (!token) return token.failure();
  return std::optional(std::move(*token));
}

void set_limits(grpc::ServerBuilder& builder) {
  grpc::ResourceQuota quota("infer");
  builder.SetResourceQuota(quota.Resize(kMostMemory));
  builder.SetMaxReceiveMessageSize(kMaxAskBytes);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, 256);
  builder.AddChannelArgument(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, 5'000);
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
}

/// Starts it. A socket has mode 0600 from its first moment.
std::unique_ptr<grpc::Server> listen(grpc::ServerBuilder& builder, bool on_socket) {
  if (!on_socket) return builder.BuildAndStart();
  const mode_t before = ::umask(0177);
  auto server = builder.BuildAndStart();
  ::umask(before);
  return server;
}

}  // namespace

InferServer::InferServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

InferServer::~InferServer() {
  impl_->service.detach("the edge leaves");
  impl_->server->Shutdown(std::chrono::system_clock::now() + std::chrono::seconds(1));
  impl_->server->Wait();
}

Result<std::unique_ptr<InferServer>> InferServer::start(const Options& options) {
  auto token = token_of(options);
  if (!token) return token.failure();
  auto impl = std::make_unique<Impl>(options, std::move(*token));
  host::FileHandle folder;  // held until the socket is there
  if (options.address.is_socket()) {
    auto room = make_room_for_socket(options.address.socket);
    if (!room) return room.failure();
    folder = std::move(*room);
  }
  int port = 0;
  keep_grpc_quiet();
  grpc::ServerBuilder builder;
  set_limits(builder);
  builder.AddListeningPort(options.address.target(), grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&impl->service);
  impl->server = listen(builder, options.address.is_socket());
  if (!impl->server || port == 0) {
    const std::string where = options.address.text();
    const std::string fault = options.address.is_socket() ? "" : listen_fault(where);
    return Failure{where + ": cannot be listened on" + (fault.empty() ? "" : ": " + fault)};
  }
  if (!options.address.is_socket()) impl->options.address.port = port;
  return std::unique_ptr<InferServer>(new InferServer(std::move(impl)));
}

std::string InferServer::how_to_ask() const {
  const std::string address = impl_->options.address.text();
  const auto& token = impl_->service.token();
  return "answers programs on " + address + "; ask with: skerry infer " + address +
         (token ? " --token " + token->file().string() : "") + " --npy FILE";
}

void InferServer::attach(NodeDriver& driver, const ExampleForm& form) {
  impl_->service.attach(driver, form);
}

void InferServer::detach(const std::string& why) { impl_->service.detach(why); }

}  // namespace skerry::real
