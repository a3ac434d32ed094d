#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "algorithms/sdk/data.hpp"
#include "algorithms/sdk/result.hpp"
#include "datasets/example_rows.hpp"
#include "real/infer_server.hpp"
#include "real/keys.hpp"
#include "real/node_driver.hpp"
#include "scenarios/role/paradigm.hpp"

namespace skerry::real {

/// An edge of a live run: dials the cloud, takes the scenario from it, joins with its own data, and
/// runs its role until the cloud says that the run is over. A broken connection is dialled again,
/// with growing pauses; what was on its way is sent again.
class EdgeClient {
 public:
  /// What the edge makes of a scenario: the same paradigm as the cloud's, over its own data.
  struct Deployed {
    std::shared_ptr<const role::Paradigm> paradigm;  // holds what it refers to
    DataSchema schema;
    std::uint64_t samples = 0;               // training examples
    bool bytes = false;                      // examples are bytes at their source
    Site site = {};                          // where the samples come from
    std::vector<std::string> features = {};  // names of an example's values, or none
    /// How rows from outside become samples; nullopt: none may come.
    std::optional<datasets::ExampleRows> rows = {};
    std::vector<std::string> remarks = {};  // what was done to the data: DataSet::remarks
  };
  struct Options {
    std::string server;  // host:port
    NodeId self;
    std::optional<NodeKeys> keys;
    bool plaintext = false;
    std::filesystem::path state;  // empty: a killed process starts anew as another one
    bool record = false;
    unsigned threads = 1;
    host::JobsUnderWay* watch = nullptr;  // told what is computed; outlives the client
    Duration retry_least = Duration::milliseconds(300);
    Duration retry_most = Duration::seconds(30);
    Duration give_up_after = Duration::seconds(600);  // without any contact
    /// Lets programs of this machine ask the edge, from before it reaches the cloud until run()
    /// returns.
    std::optional<InferServer::Options> serve;
    /// A file or folder whose rows are samples that come to the edge (real/watch.hpp); empty: none
    /// come from outside. Needs `state`: there stands which rows were taken.
    std::filesystem::path watch_rows;
    std::function<Result<Deployed>(const std::string& scenario)> deploy;
    std::function<void(const std::string& line)> say;  // what happens, for people
  };

  explicit EdgeClient(Options options);
  ~EdgeClient();

  /// Success: the run is over, or stop() was called. Errors: a refusal that no retry would mend
  /// (with its status, `PERMISSION_DENIED: ...`), no contact for too long, a scenario or data that
  /// do not fit, a failing state folder, an address that cannot be served, rows that cannot be
  /// watched or that the scenario does not take.
  Status run();
  /// After run(): jobs of this edge that failed, and why a fault ended its run.
  std::vector<host::FailedJobs> failed_jobs() const;
  std::optional<host::RunFault> fault() const;
  /// From any thread: ends run().
  void stop();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace skerry::real
