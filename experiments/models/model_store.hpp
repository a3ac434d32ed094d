#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include "algorithms/sdk/result.hpp"
#include "experiments/models/sqlite.hpp"
#include "scenarios/role/catalogue.hpp"

namespace skerry::experiments {

inline constexpr const char* kModelsFile = "registry.sqlite";

/// Writes the models of a run into a folder, and keeps them there up to date. The folder holds a
/// copy: whatever is in it, replace() makes it equal to what is given. Used by one thread.
///
/// The parameters of a model are durable before a row names them. Rows change together or not at
/// all, and only while no other store of the same folder was opened later, so that a process that
/// was thought dead changes nothing.
///
/// Bound: parameters are there of the models whose parameters the role holds (those that serve,
/// that nodes or an operator could go back to, and the newest few: parts::ModelRegistry), and of
/// models that got a tag from an operator while theirs were there. All others are removed, after
/// the rows that named them have changed durably. A kill in between leaves files that no row names;
/// the next replace() removes them.
class ModelStore {
 public:
  /// Makes the folder if it is missing. A database that is damaged is set aside as `*.damaged`.
  /// Errors: the file system's, a database of another version of Skerry.
  static Result<ModelStore> open(const std::filesystem::path& folder);

  /// Makes the store equal to `known`, and removes the parameters that nobody needs.
  /// Errors: the file system's; another process has opened the store since. The store must not be
  /// used any more then.
  Status replace(const role::Catalogue& known);
  /// The same, where `known` only has changed since the last call: writes the rows that changed.
  /// Does nothing if none has.
  Status update(const role::Catalogue& known);
  /// Revision of the catalogue that was written last.
  std::uint64_t revision() const { return revision_; }

 private:
  ModelStore(std::filesystem::path folder, std::unique_ptr<Database> database)
      : folder_(std::move(folder)), database_(std::move(database)) {}
  Status take_over();
  Status write(const role::Catalogue& known, std::uint64_t since, bool all);
  bool forget_parameters(const role::Catalogue& known);
  Status remove_unnamed();
  Status keep_parameters(const role::CataloguedModel& model);
  void write_model_row(const role::CataloguedModel& model);
  void write_lists(const role::CataloguedModel& model);
  void forget_lost_parameters();

  std::filesystem::path folder_;
  std::unique_ptr<Database> database_;
  std::int64_t writer_ = 0;
  std::uint64_t revision_ = 0;
  std::map<role::ModelVersion, std::string> kept_;  // SHA-256 of parameters, which are durable
};

/// What a store holds. Parameters that it names may be removed at any time, if the run goes on.
struct StoredModels {
  std::filesystem::path folder;
  role::Catalogue catalogue;                             // without parameters
  std::map<role::ModelVersion, std::string> parameters;  // SHA-256 of those that are there

  /// The file with the parameters of a model; empty if they are not there.
  std::filesystem::path file_of(role::ModelVersion version) const;
  /// As Catalogue::named(), or by at least eight digits that a SHA-256 begins with.
  Result<role::ModelVersion> named(const std::string& which) const;
};

/// Reads a store, also while a run writes to it.
/// Errors: there is none, it is damaged or of another version of Skerry.
Result<StoredModels> read_models(const std::filesystem::path& folder);
/// Whether the folder has a store.
bool holds_models(const std::filesystem::path& folder);

}  // namespace skerry::experiments
