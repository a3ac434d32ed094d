#include "experiments/results/metrics_h5.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <sstream>

#include "experiments/results/declared.hpp"
#include "experiments/results/h5.hpp"
#include "scenarios/host/durable_file.hpp"
#include "scenarios/schema/json.hpp"

namespace skerry::experiments {

namespace {

constexpr std::int64_t kCloud = -1;

std::int64_t column_of(NodeId node) {
  return node.is_cloud() ? kCloud : std::int64_t{node.index()};
}

std::optional<NodeId> node_of(std::int64_t column) {
  if (column == kCloud) return NodeId::cloud();
  if (column < 0 || column >= INT64_C(0xffffffff)) return std::nullopt;
  return NodeId::edge(static_cast<std::uint32_t>(column));
}

/// The double nearest to the time; SimTime::in_seconds() may give its neighbour.
double seconds_of(SimTime time) { return static_cast<double>(time.count()) / 1e9; }

SimTime time_of(double seconds) {
  const double ns = std::nearbyint(seconds * 1e9);
  if (!(std::abs(ns) < 9.2e18)) return SimTime::never();
  return SimTime::at(Duration::nanoseconds(static_cast<std::int64_t>(ns)));
}

bool write_manifest(hid_t root, const ConfigNode& node, const std::string& prefix) {
  if (node.as_object() == nullptr) return true;
  for (const auto& [key, value] : *node.as_object()) {
    const std::string name = prefix + key;
    bool written = true;
    if (name == "results") continue;  // each metric's group has its own
    if (value.as_object()) {
      written = write_manifest(root, value, name + ".");
    } else if (value.as_string()) {
      written = h5::write_attribute(root, name, *value.as_string());
    } else if (value.as_integer()) {
      written = h5::write_attribute(root, name, *value.as_integer());
    } else if (value.as_double()) {
      written = h5::write_attribute(root, name, *value.as_double());
    } else if (!value.is_null() && name != "model.tensors") {
      written = h5::write_attribute(root, name, value.text());
    }
    if (!written) return false;
  }
  return true;
}

struct Columns {
  std::vector<std::uint64_t> step;
  std::vector<double> time;
  std::vector<double> value;
  std::vector<std::int64_t> node;
  std::vector<std::uint64_t> row;
};

/// The path of a metric's group. A part of the name that has a meaning to HDF5, or is a column's
/// name, gets a mark; the attribute `metric` holds the unchanged name.
std::string group_of(const std::string& metric) {
  static constexpr std::string_view kTaken[] = {"", ".", "step", "time_s", "value", "node", "row"};
  std::string path = "metrics";
  std::istringstream parts(metric + "/");
  for (std::string part; std::getline(parts, part, '/');) {
    const bool taken = std::find(std::begin(kTaken), std::end(kTaken), part) != std::end(kTaken);
    path += "/" + part + (taken ? "_" : "");
  }
  return path;
}

bool write_metrics(hid_t root, const std::vector<host::MetricRow>& rows,
                   const role::Results& declared) {
  std::map<std::string, Columns> metrics;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    Columns& columns = metrics[rows[i].name];
    columns.step.push_back(rows[i].step);
    columns.time.push_back(seconds_of(rows[i].time));
    columns.value.push_back(rows[i].value);
    columns.node.push_back(column_of(rows[i].node));
    columns.row.push_back(i);
  }
  if (!h5::create_group(root, "metrics")) return false;
  for (const auto& [name, columns] : metrics) {
    const h5::Handle group = h5::create_group(root, group_of(name));
    const role::MetricInfo info = info_of(declared, name);
    const bool written = group && h5::write_attribute(group.id(), "metric", name) &&
                         h5::write_attribute(group.id(), "unit", info.unit) &&
                         h5::write_attribute(group.id(), "meaning", info.meaning) &&
                         h5::write_column(group.id(), "step", columns.step) &&
                         h5::write_column(group.id(), "time_s", columns.time) &&
                         h5::write_column(group.id(), "value", columns.value) &&
                         h5::write_column(group.id(), "node", columns.node) &&
                         h5::write_column(group.id(), "row", columns.row);
    if (!written) return false;
  }
  return true;
}

bool write_spans(hid_t root, const std::vector<host::Span>& spans) {
  std::vector<std::string> names;
  std::vector<std::uint64_t> step, what;
  std::vector<std::int64_t> node;
  std::vector<double> begin, end;
  for (const host::Span& span : spans) {
    auto name = std::find(names.begin(), names.end(), span.what);
    if (name == names.end()) name = names.insert(names.end(), span.what);
    what.push_back(static_cast<std::uint64_t>(name - names.begin()));
    step.push_back(span.step);
    node.push_back(column_of(span.node));
    begin.push_back(seconds_of(span.begin));
    end.push_back(seconds_of(span.end));
  }
  const h5::Handle group = h5::create_group(root, "spans");
  return group && h5::write_attribute(group.id(), "names", names) &&
         h5::write_column(group.id(), "node", node) && h5::write_column(group.id(), "step", step) &&
         h5::write_column(group.id(), "what", what) &&
         h5::write_column(group.id(), "begin_s", begin) &&
         h5::write_column(group.id(), "end_s", end);
}

using NumberedRows = std::vector<std::pair<std::int64_t, host::MetricRow>>;

/// Adds the rows of the metric in `group`; false if its columns do not fit together.
bool read_metric(hid_t group, NumberedRows& rows) {
  const auto name = h5::read_texts(group, "metric");
  const auto step = h5::read_integers(group, "step");
  const auto time = h5::read_doubles(group, "time_s");
  const auto value = h5::read_doubles(group, "value");
  const auto node = h5::read_integers(group, "node");
  const auto row = h5::read_integers(group, "row");
  if (!name || name->size() != 1 || !step || !time || !value || !node || !row) return false;
  const std::size_t size = row->size();
  const bool equal =
      step->size() == size && time->size() == size && value->size() == size && node->size() == size;
  if (!equal) return false;
  for (std::size_t i = 0; i < size; ++i) {
    const auto whose = node_of((*node)[i]);
    if (!whose) return false;
    rows.push_back({(*row)[i],
                    {name->front(), *whose, time_of((*time)[i]),
                     static_cast<std::uint64_t>((*step)[i]), (*value)[i]}});
  }
  return true;
}

struct Visit {
  NumberedRows rows;
  std::string damaged;  // the first group that cannot be read
};

herr_t visit(hid_t root, const char* path, const H5O_info_t* info, void* data) {
  auto& seen = *static_cast<Visit*>(data);
  if (info->type != H5O_TYPE_GROUP) return 0;
  const h5::Handle group = h5::open_group(root, path);
  if (!group || H5Aexists(group.id(), "metric") <= 0) return 0;
  if (read_metric(group.id(), seen.rows)) return 0;
  seen.damaged = path;
  return 1;
}

bool read_spans(hid_t root, std::vector<host::Span>& spans) {
  const h5::Handle group = h5::open_group(root, "spans");
  if (!group) return false;
  const auto names = h5::read_texts(group.id(), "names");
  const auto node = h5::read_integers(group.id(), "node");
  const auto step = h5::read_integers(group.id(), "step");
  const auto what = h5::read_integers(group.id(), "what");
  const auto begin = h5::read_doubles(group.id(), "begin_s");
  const auto end = h5::read_doubles(group.id(), "end_s");
  if (!names || !node || !step || !what || !begin || !end) return false;
  const std::size_t size = node->size();
  if (step->size() != size || what->size() != size || begin->size() != size || end->size() != size)
    return false;
  for (std::size_t i = 0; i < size; ++i) {
    const auto whose = node_of((*node)[i]);
    const auto name = static_cast<std::size_t>((*what)[i]);
    if (!whose || name >= names->size()) return false;
    spans.push_back({*whose, static_cast<std::uint64_t>((*step)[i]), (*names)[name],
                     time_of((*begin)[i]), time_of((*end)[i])});
  }
  return true;
}

}  // namespace

Status write_metrics_h5(const std::filesystem::path& path, const MetricsFile& file) {
  const h5::Quiet quiet;
  const h5::Handle root = h5::create_in_memory();
  const bool written = h5::write_attribute(root.id(), "made_by", "skerry") &&
                       write_manifest(root.id(), file.manifest, "") &&
                       h5::write_text(root.id(), "scenario", schema::write_json(file.scenario)) &&
                       write_metrics(root.id(), file.metrics, file.declared) &&
                       write_spans(root.id(), file.spans);
  const auto image = written ? h5::image_of(root.id()) : std::nullopt;
  if (!image) return Failure{path.string() + ": HDF5 could not make it"};
  if (!host::write_readable(path, *image)) {
    return Failure{path.string() + ": could not be written whole"};
  }
  return {};
}

Result<MetricsFile> read_metrics_h5(const std::filesystem::path& path) {
  const h5::Quiet quiet;
  std::error_code error;
  if (!std::filesystem::exists(path, error)) return Failure{path.string() + ": no such file"};
  const h5::Handle root = h5::open_file(path.string());
  if (!root) return Failure{path.string() + ": is not a whole HDF5 file"};
  const h5::Handle metrics = h5::open_group(root.id(), "metrics");
  if (!metrics) return Failure{path.string() + ": has no group /metrics"};
  Visit seen;
  const herr_t visited =
      H5Ovisit2(metrics.id(), H5_INDEX_NAME, H5_ITER_NATIVE, visit, &seen, H5O_INFO_BASIC);
  if (visited != 0) {
    return Failure{path.string() + ": /metrics/" + seen.damaged + " is damaged"};
  }
  MetricsFile file;
  std::sort(seen.rows.begin(), seen.rows.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  for (auto& [number, row] : seen.rows) file.metrics.push_back(std::move(row));
  if (!read_spans(root.id(), file.spans)) {
    return Failure{path.string() + ": /spans is missing or damaged"};
  }
  return file;
}

}  // namespace skerry::experiments
