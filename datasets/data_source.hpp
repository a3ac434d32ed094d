#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "algorithms/sdk/data.hpp"
#include "algorithms/sdk/result.hpp"
#include "datasets/attributes.hpp"
#include "datasets/standardisation.hpp"
#include "datasets/table_agreement.hpp"

namespace skerry {
struct PluginEntry;
}

namespace skerry::datasets {

class TableForm;

/// How a row of a table becomes a sample, for rows that come while a run goes on.
struct TableRules {
  std::string label = "label";  // column of the class
  char separator = ',';
  std::shared_ptr<const TableForm> form;  // what its cells mean; null: numbers, one a feature
  std::shared_ptr<const Standardisation> scale;  // as the source scaled its own rows; null: not
};

/// Cells of a table's column without a value, in rows that were kept or left out.
struct ColumnGaps {
  std::string column;
  std::size_t train = 0, test = 0;
};

/// What one source gives: everything a run knows about its data before it is spread over nodes.
struct DataSet {
  std::shared_ptr<const Samples> train;
  std::shared_ptr<const Samples> test;  // null where the source has none
  /// Who made each train row (writer, device, site), [train->size()] or empty.
  std::vector<std::uint32_t> natural_ids;
  std::vector<std::string> class_names;    // [classes] or empty
  std::vector<std::string> target_names;   // [values] or empty
  std::vector<std::string> feature_names;  // of a table's columns, in order, or empty
  Attributes train_attributes, test_attributes;
  TableRules table;
  std::vector<ColumnGaps> gaps;  // of the columns that have some
  /// What a source did to the data that people must know (rows left out, gaps filled), one line
  /// each with the file.
  std::vector<std::string> remarks;
  /// Hash of all contents, labels included; for generated data, of everything that determines them.
  /// The same whether the files were packed or not.
  std::uint64_t content_hash = 0;
  std::string origin;  // where it came from, for the run's manifest
};

/// What other nodes' tables must have in common with this one.
TableAgreement table_agreement_of(const DataSet& data);

/// A name for each class, [classes]: its own, or its number where the data set has none for it.
std::vector<std::string> class_names_of(const DataSet& data);

/// Where sources look for files, and what generated data is drawn from.
struct DataEnvironment {
  std::filesystem::path cache;                        // fetched data sets, one folder each
  std::vector<std::filesystem::path> search_folders;  // looked through after the cache, in order
  std::uint64_t seed = 0;
  /// The classes, in order, where they were agreed on elsewhere (DataAgreement): a source that
  /// would find them in its labels takes these. Empty: they were not.
  std::vector<std::string> classes = {};
  /// The same for a table's columns; nothing where the data itself decides.
  std::optional<TableAgreement> table = {};
  /// Whether somebody wants to see what the data holds, not to train on it: a source then takes
  /// what it would refuse only because the scenario does not say how, and remarks on it.
  bool only_looks = false;

  /// The cache of default_cache() and the folders of $SKERRY_DATA (separated by colons).
  static DataEnvironment of_process(std::uint64_t seed);
};

/// $SKERRY_CACHE, else $XDG_CACHE_HOME/skerry, else ~/.cache/skerry.
std::filesystem::path default_cache();

/// The file that a path in a scenario means: the path itself when absolute (or in the home
/// directory, see user_path()), else in the first search folder that has it, else in the current
/// folder.
std::filesystem::path resolve_path(const DataEnvironment& environment, const std::string& given);

/// What is known of a data set before it is read or generated.
struct Extent {
  DataSchema schema;
  std::uint32_t rows = 0;       // to train on
  std::uint32_t test_rows = 0;  // 0: no test set
  std::uint32_t makers = 0;     // different natural ids; 0: it has none
};

/// The `data.source` of a scenario.
class DataSource {
 public:
  static constexpr const char* kSlot = "data source";
  virtual ~DataSource() = default;
  /// Errors: one line naming the file and the place in it, or where files were looked for.
  /// Determinism: a function of the configuration, the files and environment.seed.
  virtual Result<DataSet> load(const DataEnvironment& environment) const = 0;
  /// What load() will return, where that takes no reading and no generating of samples. A scenario
  /// is checked against it before any data is there.
  virtual std::optional<Extent> extent(const DataEnvironment&) const { return std::nullopt; }
};

/// See algorithms/sdk/checked.hpp.
std::unique_ptr<DataSource> checked(std::unique_ptr<DataSource> plugin, const PluginEntry& entry);

}  // namespace skerry::datasets
