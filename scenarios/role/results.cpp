#include "scenarios/role/results.hpp"

namespace skerry::role {

void Table::check(FieldReader& reader) const {
  if (metrics.size() != rows.size() * columns.size()) {
    reader.error("metrics", "must have a metric for each of " + std::to_string(rows.size()) +
                                " rows and " + std::to_string(columns.size()) + " columns");
  }
}

const MetricInfo* Results::find(std::string_view name) const {
  const MetricInfo* found = nullptr;
  for (const MetricInfo& info : metrics) {
    if (info.name == name) return &info;
    if (!info.name.ends_with("/*")) continue;
    const std::string_view beginning(info.name.data(), info.name.size() - 1);
    if (!name.starts_with(beginning)) continue;
    if (found == nullptr || found->name.size() < info.name.size()) found = &info;
  }
  return found;
}

}  // namespace skerry::role
