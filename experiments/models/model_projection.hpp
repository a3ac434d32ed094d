#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "experiments/models/model_store.hpp"
#include "scenarios/host/run_record.hpp"

namespace skerry::experiments {

/// Keeps the store of a run's models up to date while the run goes on. If it cannot write, it says
/// so once, the run goes on, and it tries again a second later. Used by one thread.
class ModelProjection {
 public:
  /// @param folder  of the store, which is made with the first model.
  /// @param say     takes what went wrong.
  ModelProjection(std::filesystem::path folder, std::function<void(const std::string& line)> say)
      : folder_(std::move(folder)), say_(std::move(say)) {}

  /// The role's models, as they are now. Writes a new model at once and other changes within a
  /// second, if it is called again by then. If nothing has to be written it costs nothing.
  /// The parameters of models that the role holds must be there.
  void look(const role::Catalogue& known);
  /// The same, and writes all changes.
  void finish(const role::Catalogue& known);
  /// The run begins, or begins again from an earlier state: what was written so far may be wrong.
  /// @param anew  nothing goes on: the store of an earlier run is removed.
  void begin(bool anew);
  /// The run is over. If its role kept no account of its models, the final one is the only row. The
  /// store is closed: its folder may be moved.
  void end(const host::RunRecord& record);

 private:
  using Clock = std::chrono::steady_clock;
  void write(const role::Catalogue& known);

  std::filesystem::path folder_;
  std::function<void(const std::string&)> say_;
  std::optional<ModelStore> store_;
  bool kept_ = false;  // the role keeps an account
  std::size_t models_ = 0;
  Clock::time_point next_{};
  bool complained_ = false;
};

}  // namespace skerry::experiments
