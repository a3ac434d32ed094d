#include "datasets/data_source.hpp"

#include <algorithm>
#include <cstdlib>

#include "algorithms/sdk/checked.hpp"
#include "datasets/class_labels.hpp"
#include "datasets/table_form.hpp"
#include "datasets/user_path.hpp"

namespace skerry::datasets {

namespace {

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

class CheckedSource final : public Checked<DataSource> {
 public:
  using Checked::Checked;

  Result<DataSet> load(const DataEnvironment& environment) const override {
    return named("load()", [&] {
      auto data = plugin().load(environment);
      if (data && data->train == nullptr) refuse("it returns no training data");
      return data;
    });
  }
  std::optional<Extent> extent(const DataEnvironment& environment) const override {
    return named("extent()", [&] { return plugin().extent(environment); });
  }
};

}  // namespace

std::unique_ptr<DataSource> checked(std::unique_ptr<DataSource> plugin, const PluginEntry& entry) {
  return std::make_unique<CheckedSource>(std::move(plugin), entry);
}

TableAgreement table_agreement_of(const DataSet& data) {
  TableAgreement agreement;
  if (data.table.form) data.table.form->add_to(agreement);
  if (data.table.scale) {
    agreement.means = data.table.scale->means();
    agreement.deviations = data.table.scale->deviations();
  }
  return agreement;
}

std::vector<std::string> class_names_of(const DataSet& data) {
  std::vector<std::string> names = numbered_names(data.train->schema().classes);
  const std::size_t own = std::min(names.size(), data.class_names.size());
  std::copy_n(data.class_names.begin(), own, names.begin());
  return names;
}

std::filesystem::path default_cache() {
  if (const std::string own = variable("SKERRY_CACHE"); !own.empty()) return user_path(own);
  const std::filesystem::path shared = variable("XDG_CACHE_HOME");
  if (shared.is_absolute()) return shared / "skerry";
  return std::filesystem::path(variable("HOME")) / ".cache" / "skerry";
}

DataEnvironment DataEnvironment::of_process(std::uint64_t seed) {
  DataEnvironment environment{.cache = default_cache(), .seed = seed};
  std::string folders = variable("SKERRY_DATA");
  while (!folders.empty()) {
    const std::size_t colon = std::min(folders.find(':'), folders.size());
    if (colon > 0) environment.search_folders.emplace_back(user_path(folders.substr(0, colon)));
    folders.erase(0, colon + 1);
  }
  return environment;
}

std::filesystem::path resolve_path(const DataEnvironment& environment, const std::string& given) {
  const std::string path = user_path(given);
  if (std::filesystem::path(path).is_absolute()) return path;
  std::error_code ignored;
  for (const std::filesystem::path& folder : environment.search_folders) {
    if (std::filesystem::exists(folder / path, ignored)) return folder / path;
  }
  return path;
}

}  // namespace skerry::datasets
