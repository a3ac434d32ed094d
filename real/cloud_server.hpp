#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "algorithms/sdk/data.hpp"
#include "algorithms/sdk/result.hpp"
#include "real/keys.hpp"
#include "real/label_desk.hpp"
#include "real/node_driver.hpp"
#include "scenarios/host/refusal.hpp"
#include "scenarios/role/paradigm.hpp"

namespace skerry::real {

/// The cloud of a live run: edges dial it, one stream each; its role is stepped by one thread.
///
/// Who may join: with keys (the default) whoever shows a certificate of the same authority, as the
/// node that certificate names; without keys only programs on this machine. A newer process of the
/// same node fences the older. Data schema, numerics rule, protocol version and declared sizes are
/// checked before anything is believed; every refusal is typed and counted.
class CloudServer {
 public:
  struct Options {
    std::string address = "127.0.0.1:0";  // port 0: any free one
    std::optional<NodeKeys> keys;
    bool plaintext = false;  // without keys, on a loopback address only
    std::string scenario;    // what edges are sent, JSON
    NodeDriver::Options driver;
    DataSchema schema;
    Duration grace = Duration::seconds(15);  // how long a broken connection does not count as lost
    Duration hello_limit = Duration::seconds(10);
    Duration join_limit = Duration::seconds(900);    // an edge loads its data meanwhile
    Duration message_limit = Duration::seconds(60);  // without a frame in the middle of a message
    Duration standstill_after = Duration::seconds(10);  // before a cloud that only waits says so
    /// Called on the thread of run() once the role has stopped, before any edge is told: from then
    /// on the result cannot be lost with this process. May be empty.
    std::function<void()> ended;
    /// Called with what an operator should know while the run goes on, on the thread of run(). May
    /// be empty.
    std::function<void(const std::string& line)> say;
    /// Called ten times a second on the thread of run(), while the role goes on. May be empty.
    std::function<void(const NodeDriver& driver)> on_tick;
    /// NodeDriver::on_catalogue.
    std::function<void(const role::Catalogue& known)> on_catalogue;
    /// Where people label; null: nobody does. The paradigm must take labels.
    std::shared_ptr<LabelDesk> labels;
    std::uint64_t max_sessions = 0;       // 0: one per edge, and a few
    std::uint64_t max_message_bytes = 0;  // 0: follows from the payloads the cloud makes itself
  };

  /// Restores the state folder and listens. Errors: the address cannot be bound, keys do not fit,
  /// plaintext beyond this machine, a damaged state folder.
  static Result<std::unique_ptr<CloudServer>> start(const role::Paradigm& paradigm,
                                                    Options options);
  ~CloudServer();

  int port() const;
  /// Serves until the scenario stops or stop() is called.
  Status run();
  /// From any thread: ends run(); with a state folder the run can go on later. If the run is over
  /// and its edges are being told, cuts that short.
  void stop();
  /// From any thread: ends run() as an operator would, so that what has been learnt so far becomes
  /// the result.
  void finish();

  /// After run().
  const NodeDriver& driver() const;
  host::RefusalCounts refusals() const;

 private:
  struct Impl;
  explicit CloudServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace skerry::real
