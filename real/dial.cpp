#include "real/dial.hpp"

#include "real/protocol.hpp"
#include "real/quiet_grpc.hpp"

namespace skerry::real {

std::shared_ptr<grpc::Channel> dial(const std::string& server,
                                    const std::optional<NodeKeys>& keys) {
  keep_grpc_quiet();
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(kMaxOfferBytes);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveMs);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kKeepaliveTimeoutMs);
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);  // the pauses are ours
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  if (!keys) {
    return grpc::CreateCustomChannel(server, grpc::InsecureChannelCredentials(), arguments);
  }
  grpc::SslCredentialsOptions tls;
  tls.pem_root_certs = keys->authority;
  tls.pem_private_key = keys->key;
  tls.pem_cert_chain = keys->certificate;
  arguments.SetSslTargetNameOverride("cloud");
  return grpc::CreateCustomChannel(server, grpc::SslCredentials(tls), arguments);
}

}  // namespace skerry::real
