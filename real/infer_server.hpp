#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "algorithms/sdk/ids.hpp"
#include "algorithms/sdk/time.hpp"
#include "real/example_form.hpp"
#include "real/infer_address.hpp"
#include "real/node_driver.hpp"

namespace skerry::real {

/// Lets programs of a node's owner ask it (infer.proto): examples become requests of its role, the
/// role's answers become replies.
///
/// It lives as long as the process, while the node behind it comes and goes: without a node,
/// callers are told why. Every call ends, with a reply or a status, whatever happens to the role.
class InferServer {
 public:
  struct Options {
    NodeId self;
    InferAddress address;
    /// The file of a port's token (AccessToken::in_file); empty: a temporary file that is removed
    /// with the process. Sockets have none: only their owner may open them.
    std::filesystem::path token;
    /// The most requests that the role has not answered yet; more are refused at once. One that its
    /// caller has given up counts until the role answers it.
    std::uint32_t most_open = 64;
    /// How long a call waits for the role's answer.
    Duration patience = Duration::seconds(60);
  };

  /// Listens. It makes the socket file while the process' umask is 0177: call it before other
  /// threads make files.
  /// Errors: the address is taken, or what make_room_for_socket() and AccessToken say.
  static Result<std::unique_ptr<InferServer>> start(const Options& options);
  /// Ends all calls, waits a second at most for replies to leave, and removes the socket.
  ~InferServer();

  /// One line for the owner: where it listens, and the command that asks.
  std::string how_to_ask() const;

  /// From now on requests enter that driver, and its answers reach their callers: sets its
  /// on_answer and on_tick. After recover(), before run(). The driver outlives detach().
  void attach(NodeDriver& driver, const ExampleForm& form);
  /// Calls that wait end with UNAVAILABLE and that text, as do all that come before the next
  /// attach(). Does nothing if no driver is attached. From any thread.
  void detach(const std::string& why);

 private:
  struct Impl;
  explicit InferServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace skerry::real
