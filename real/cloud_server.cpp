#include "real/cloud_server.hpp"

#include "real/cloud_service.hpp"
#include "real/listen_fault.hpp"
#include "real/loopback.hpp"
#include "real/open_files.hpp"
#include "real/quiet_grpc.hpp"

namespace skerry::real {

struct CloudServer::Impl {
  explicit Impl(const role::Paradigm& paradigm, Options options)
      : service(paradigm, std::move(options)) {}
  CloudService service;
  std::unique_ptr<grpc::Server> server;
  int port = 0;
};

namespace {

std::shared_ptr<grpc::ServerCredentials> credentials_of(const std::optional<NodeKeys>& keys) {
  if (!keys) return grpc::InsecureServerCredentials();
  grpc::SslServerCredentialsOptions tls(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  tls.pem_root_certs = keys->authority;
  tls.pem_key_cert_pairs.push_back({keys->key, keys->certificate});
  return grpc::SslServerCredentials(tls);
}

void set_limits(grpc::ServerBuilder& builder) {
  builder.SetMaxReceiveMessageSize(kMaxFrameBytes);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, 8);
  builder.AddChannelArgument(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, 5'000);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_IDLE_MS, 60'000);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveMs);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kKeepaliveTimeoutMs);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS,
                             kKeepaliveMs / 2);
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_BDP_PROBE, 0);  // its windows grow to tens of MB
  builder.AddChannelArgument(GRPC_ARG_HTTP2_STREAM_LOOKAHEAD_BYTES, kWindowBytes);
}

}  // namespace

CloudServer::CloudServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

CloudServer::~CloudServer() {
  if (impl_->server) {
    impl_->service.begin_closing();  // or a command would be waited for
    impl_->server->Shutdown(std::chrono::system_clock::now() + std::chrono::seconds(2));
    impl_->server->Wait();
  }
}

Result<std::unique_ptr<CloudServer>> CloudServer::start(const role::Paradigm& paradigm,
                                                        Options options) {
  if (!options.keys && !options.plaintext) {
    return wrong_input(
        "no keys were given; make some with skerry keys, or say --plaintext on a loopback address");
  }
  if (!options.keys && !is_loopback(options.address)) {
    return wrong_input("without keys only a loopback address may be served, not " +
                       options.address);
  }
  if (options.max_sessions == 0) options.max_sessions = options.driver.edges + 16;
  if (const std::uint64_t fit = make_room_for(options.max_sessions); fit < options.max_sessions) {
    return Failure{"only " + std::to_string(fit) + " of " + std::to_string(options.max_sessions) +
                   " sessions fit the limit on open files; raise it (ulimit -n)"};
  }
  const std::string address = options.address;
  const auto credentials = credentials_of(options.keys);
  auto impl = std::make_unique<Impl>(paradigm, std::move(options));
  NodeDriver& driver = impl->service.driver();
  if (auto recovered = driver.recover(); !recovered) return recovered.failure();
  if (const auto& labels = impl->service.options().labels) {
    if (const Status attached = labels->attach(driver); !attached) return attached.failure();
  } else if (!driver.watched().empty()) {
    return wrong_input("this run asks people for labels: say where they label (--labels) again");
  }
  keep_grpc_quiet();
  grpc::EnableDefaultHealthCheckService(true);
  grpc::ServerBuilder builder;
  set_limits(builder);
  builder.AddListeningPort(address, credentials, &impl->port);
  builder.RegisterService(&impl->service);
  impl->server = builder.BuildAndStart();
  if (!impl->server || impl->port == 0) {
    const std::string fault = listen_fault(address);
    return Failure{address +
                   ": cannot be listened on: " + (fault.empty() ? "the keys do not fit" : fault)};
  }
  return std::unique_ptr<CloudServer>(new CloudServer(std::move(impl)));
}

int CloudServer::port() const { return impl_->port; }

Status CloudServer::run() {
  NodeDriver& driver = impl_->service.driver();
  const Status status = driver.run();
  impl_->service.begin_closing();
  const auto& ended = impl_->service.options().ended;
  if (status && driver.outcome() && ended) ended();
  impl_->service.close_all(driver.outcome().has_value());
  return status;
}

void CloudServer::stop() {
  impl_->service.driver().leave();
  impl_->service.hurry();
}

void CloudServer::finish() {
  NodeDriver& driver = impl_->service.driver();
  driver.post([&driver] {
    driver.feed(role::Command{"stop"});
    driver.leave();
  });
  impl_->service.hurry();
}

const NodeDriver& CloudServer::driver() const { return impl_->service.driver(); }

host::RefusalCounts CloudServer::refusals() const { return impl_->service.refusals(); }

}  // namespace skerry::real
