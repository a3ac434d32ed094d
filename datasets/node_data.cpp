#include "datasets/node_data.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "algorithms/sdk/printable.hpp"
#include "algorithms/sdk/problems.hpp"

namespace skerry::datasets {

namespace {

constexpr std::uint32_t kKeptRows = 1u << 22;

std::uint32_t part_of(std::uint32_t rows, double fraction) {
  // 0.29 * 100 is a little less than 29.
  return static_cast<std::uint32_t>(std::floor(fraction * rows + 1e-9));
}

class WholePartition final : public Partition {
 public:
  explicit WholePartition(std::uint32_t rows) : rows_(rows) {}
  std::uint32_t edges() const override { return 1; }
  std::uint32_t size(std::uint32_t) const override { return rows_; }
  void rows(std::uint32_t, std::vector<std::uint32_t>& out) const override {
    out.resize(rows_);
    std::iota(out.begin(), out.end(), 0u);
  }

 private:
  std::uint32_t rows_;
};

Failure within(const std::string& place, const std::string& message) {
  return Failure{place + ": " + message};
}

}  // namespace

Status keeps(const DataSet& data, const DataAgreement& agreed) {
  const auto differ = [](const char* what, const std::vector<std::string>& has, std::size_t count,
                         const std::vector<std::string>& wanted) -> Status {
    if (wanted.empty() || has == wanted || (has.empty() && count == wanted.size())) return {};
    const std::string own = has.empty() ? std::to_string(count) + " without names" : listed(has);
    return Failure{std::string("the ") + what + " are " + own + ", those agreed on " +
                   listed(wanted)};
  };
  const DataSchema& schema = data.train->schema();
  Status same = differ("features", data.feature_names, schema.input_size(), agreed.features);
  if (!same) return same;
  same = differ("classes", data.class_names, schema.classes, agreed.classes);
  if (!same) return same;
  return differ("targets", data.target_names, schema.values, agreed.targets);
}

Result<DataSet> load_agreed(const DataSource& source, DataEnvironment environment,
                            const std::optional<DataAgreement>& agreed) {
  if (agreed) environment.classes = agreed->classes;
  if (agreed && !agreed->features.empty()) environment.table = agreed->table;
  Result<DataSet> data = source.load(environment);
  if (!data) return within("data.source", data.message());
  if (!agreed) return data;
  const Status same = keeps(*data, *agreed);
  if (!same) return within("data.agreed", same.message());
  return data;
}

Status can_spread(const DataConfig& config, const Registry& registry,
                  const std::optional<Extent>& known, std::uint32_t edges) {
  PartitionOutline outline{.edges = edges};
  if (known) {
    outline.rows = known->rows - part_of(known->rows, config.split.server_validation);
    outline.classes = known->schema.classes;
    outline.makers = known->makers;
  }
  return suits(*registry.make(config.partition), outline);
}

NodeData::NodeData(DataSet data, const SplitConfig& split, std::uint64_t seed)
    : data_(std::move(data)), split_(split), seed_(seed) {
  const std::uint32_t rows = data_.train->size();
  const std::uint32_t kept_by_cloud = part_of(rows, split.server_validation);
  pool_ = rows - kept_by_cloud;
  if (kept_by_cloud > 0) {
    shuffle_.emplace(seed, "server_validation", rows);
    for (std::uint32_t i = pool_; i < rows; ++i) {
      cloud_validation_.push_back(static_cast<std::uint32_t>((*shuffle_)(i)));
    }
  }
  train_ = data_.train;
  test_ = data_.test;
  if (data_.test != nullptr) {
    test_rows_.resize(data_.test->size());
    std::iota(test_rows_.begin(), test_rows_.end(), 0u);
  }
}

Result<std::shared_ptr<const NodeData>> NodeData::make(const DataConfig& config,
                                                       const Registry& registry,
                                                       const DataEnvironment& environment,
                                                       std::uint32_t edges,
                                                       std::uint64_t partition_seed) {
  Result<DataSet> data = load_agreed(*registry.make(config.source), environment, config.agreed);
  if (!data) return data.failure();
  auto made = make(std::move(*data), *registry.make(config.partition),
                   {.edges = edges, .split = config.split, .seed = partition_seed});
  if (!made) return within("data.partition", config.partition.name + ": " + made.message());
  if (const Status split = (*made)->check_split(); !split) {
    return within("data.split", split.message());
  }
  if (!config.stream.chosen()) return made;
  auto coming =
      (*made)->with(*registry.make(config.stream), config.agreed.value_or(DataAgreement{}).stream);
  if (!coming) return within("data.stream", config.stream.name + ": " + coming.message());
  return coming;
}

DataAgreement NodeData::agreement() const {
  return {.features = data_.feature_names,
          .classes = class_names_of(data_),
          .targets = data_.target_names,
          .table = table_agreement_of(data_),
          .stream = arrivals_ ? arrivals_->agreement() : StreamAgreement{}};
}

Result<std::shared_ptr<const NodeData>> NodeData::make(DataSet data, const Partitioner& partitioner,
                                                       const Spread& spread) {
  std::shared_ptr<NodeData> made(new NodeData(std::move(data), spread.split, spread.seed));
  made->edges_ = spread.edges;
  std::vector<std::int32_t> labels;
  std::vector<std::uint32_t> natural_ids;
  Result<std::unique_ptr<Partition>> partition = datasets::partition(
      partitioner, made->request(partitioner, spread.edges, labels, natural_ids));
  if (!partition) return partition.failure();
  made->partition_ = std::move(*partition);
  if (made->pool_ <= kKeptRows) made->keep_rows();
  return std::shared_ptr<const NodeData>(std::move(made));
}

std::shared_ptr<const NodeData> NodeData::own(DataSet data, const Own& own) {
  SplitConfig split = own.split;
  if (own.node.is_edge()) split.server_validation = 0;
  std::shared_ptr<NodeData> made(new NodeData(std::move(data), split, own.seed));
  made->owner_ = own.node;
  if (own.node.is_edge()) {
    made->edges_ = 1;
    made->partition_ = std::make_unique<WholePartition>(made->pool_);
    made->keep_rows();
  }
  return made;
}

std::shared_ptr<const NodeData> NodeData::with(Poison poison) const {
  SKERRY_CHECK(poison.train->size() == data_.train->size(), "a poisoned data set keeps its rows");
  SKERRY_CHECK(poison.train->schema() == data_.train->schema(),
               "a poisoned data set keeps its schema");
  std::shared_ptr<NodeData> made(new NodeData(*this));
  if (arrivals_) poison.train = arrivals_->plan().shown(std::move(poison.train));
  made->poison_ = std::move(poison);
  return made;
}

PartitionRequest NodeData::request(const Partitioner& partitioner, std::uint32_t edges,
                                   std::vector<std::int32_t>& labels,
                                   std::vector<std::uint32_t>& natural_ids) const {
  const bool wants_ids = partitioner.needs_natural_ids() && !data_.natural_ids.empty();
  const bool wants_labels = partitioner.needs_labels() && data_.train->schema().classes > 0;
  if (wants_ids || wants_labels) {
    std::vector<std::uint32_t> rows(pool_);
    for (std::uint32_t i = 0; i < pool_; ++i) rows[i] = pool_row(i);
    if (wants_labels) {
      labels.resize(pool_);
      data_.train->labels(rows, labels);
    }
    if (wants_ids) {
      for (const std::uint32_t row : rows) natural_ids.push_back(data_.natural_ids[row]);
    }
  }
  return {.rows = pool_,
          .edges = edges,
          .labels = labels,
          .classes = data_.train->schema().classes,
          .natural_ids = natural_ids,
          .seed = seed_};
}

void NodeData::keep_rows() {
  rows_.reserve(pool_);
  first_.reserve(edges_ + std::size_t{1});
  first_.push_back(0);
  std::vector<std::uint32_t> rows;
  for (std::uint32_t edge = 0; edge < edges_; ++edge) {
    fill(edge, rows);
    rows_.insert(rows_.end(), rows.begin(), rows.end());
    first_.push_back(rows_.size());
  }
  partition_.reset();
}

std::uint32_t NodeData::pool_row(std::uint32_t index) const {
  return shuffle_ ? static_cast<std::uint32_t>((*shuffle_)(index)) : index;
}

void NodeData::fill(std::uint32_t edge, std::vector<std::uint32_t>& out) const {
  partition_->rows(edge, out);
  if (shuffle_) {
    for (std::uint32_t& row : out) row = pool_row(row);
  }
  if (split_.client_test > 0 || split_.client_validation > 0) {
    RandomStream random(seed_, "split", owner_.value_or(NodeId::edge(edge)));
    random.shuffle(std::span(out));
  }
}

std::uint32_t NodeData::slot(NodeId node) const {
  SKERRY_CHECK(node.is_edge(), "the cloud holds no partition");
  if (owner_) {
    SKERRY_CHECK(node == *owner_, "a live node is asked for its own data only");
    return 0;
  }
  SKERRY_CHECK(node.index() < edges_, "an edge of this run");
  return node.index();
}

std::uint32_t NodeData::held(std::uint32_t edge) const {
  return partition_ ? partition_->size(edge)
                    : static_cast<std::uint32_t>(first_[edge + 1] - first_[edge]);
}

NodeData::Cut NodeData::cut(std::uint32_t rows) const {
  const std::uint32_t test = part_of(rows, split_.client_test);
  const std::uint32_t validation = part_of(rows, split_.client_validation);
  return {.train = rows - test - validation, .validation = validation, .test = test};
}

Status NodeData::check_split() const {
  const auto nothing = [](const char* key, double share, std::uint32_t rows, const char* whose) {
    return Failure{std::string(key) + ": " + number_text(share) + " of the " +
                   std::to_string(rows) + " samples of " + whose + " holds none back"};
  };
  if (split_.server_validation > 0 && cloud_validation_.empty()) {
    return nothing("server_validation", split_.server_validation, data_.train->size(), "the cloud");
  }
  if (split_.client_test <= 0 && split_.client_validation <= 0) return {};
  std::uint32_t largest = 0;
  for (std::uint32_t edge = 0; edge < edges_; ++edge) largest = std::max(largest, held(edge));
  const Cut cut_of_largest = cut(largest);
  if (split_.client_test > 0 && cut_of_largest.test == 0) {
    return nothing("client_test", split_.client_test, largest, "the largest edge");
  }
  if (split_.client_validation > 0 && cut_of_largest.validation == 0) {
    return nothing("client_validation", split_.client_validation, largest, "the largest edge");
  }
  return {};
}

View NodeData::cloud_view(Split split) const {
  switch (split) {
    case Split::kTrain:
      return {train_.get(), {}};
    case Split::kValidation:
      return {train_.get(), cloud_validation_};
    case Split::kTest:
      return {test_.get(), test_rows_};
  }
  return {};
}

bool NodeData::has_own_test(NodeId node, Split split) const {
  return owner_ == node && split == Split::kTest && split_.client_test == 0;
}

const Samples& NodeData::samples_of(NodeId edge, Split split) const {
  const bool poisoned = split == Split::kTrain && poison_ && poison_->is_poisoned(edge);
  return poisoned ? *poison_->train : *train_;
}

View NodeData::plain_view(NodeId node, Split split, std::vector<std::uint32_t>& scratch) const {
  if (in_cloud_view(node, split)) return cloud_view(split);
  const std::uint32_t edge = slot(node);
  std::span<const std::uint32_t> rows;
  if (partition_) {
    fill(edge, scratch);
    rows = scratch;
  } else {
    rows = std::span(rows_).subspan(first_[edge], held(edge));
  }
  const Cut cut = this->cut(static_cast<std::uint32_t>(rows.size()));
  const Samples* samples = &samples_of(node, split);
  switch (split) {
    case Split::kTrain:
      return {samples, rows.first(cut.train)};
    case Split::kValidation:
      return {samples, rows.subspan(cut.train, cut.validation)};
    case Split::kTest:
      return {samples, rows.last(cut.test)};
  }
  return {};
}

std::size_t NodeData::plain_size(NodeId node, Split split) const {
  if (in_cloud_view(node, split)) return cloud_view(split).size();
  const Cut cut = this->cut(held(slot(node)));
  return split == Split::kTrain ? cut.train
                                : (split == Split::kValidation ? cut.validation : cut.test);
}

View NodeData::training_pool(const Slice& slice, std::vector<std::uint32_t>& scratch) const {
  scratch.clear();
  if (edges_ == 0) {
    for (std::uint32_t i = 0; i < pool_; ++i) scratch.push_back(pool_row(i));
    if (arrivals_) {
      ArrivedRows arrived;
      const NodeId cloud = NodeId::cloud();
      const Arrivals::Set set = set_of(cloud, Split::kTrain);
      arrivals_->arrange(cloud, Split::kTrain, set, scratch, arrived);
      const auto [begin, end] = arrivals_->range({cloud, set, arrived.rows, arrived.first}, slice);
      scratch.assign(arrived.rows.begin() + static_cast<std::ptrdiff_t>(begin),
                     arrived.rows.begin() + static_cast<std::ptrdiff_t>(end));
    }
  }
  std::vector<std::uint32_t> of_edge;
  for (std::uint32_t k = 0; k < edges_; ++k) {
    const View view = this->view(owner_.value_or(NodeId::edge(k)), Split::kTrain, slice, of_edge);
    scratch.insert(scratch.end(), view.rows.begin(), view.rows.end());
  }
  std::sort(scratch.begin(), scratch.end());
  return {train_.get(), scratch};
}

std::size_t NodeData::training_pool_size() const {
  if (edges_ == 0) {
    const bool repeats = arrivals_ && arrivals_->plan().tasks().repeats;
    return repeats ? std::size_t{pool_} * arrivals_->experiences() : pool_;
  }
  std::size_t rows = 0;
  for (std::uint32_t k = 0; k < edges_; ++k) {
    rows += size(owner_.value_or(NodeId::edge(k)), Split::kTrain);
  }
  return rows;
}

std::vector<std::uint32_t> NodeData::class_counts(std::uint32_t edge) const {
  std::vector<std::uint32_t> rows;
  if (partition_) {
    fill(edge, rows);
  } else {
    rows.assign(rows_.begin() + static_cast<std::ptrdiff_t>(first_[edge]),
                rows_.begin() + static_cast<std::ptrdiff_t>(first_[edge + 1]));
  }
  return counts_of(*data_.train, rows);
}

std::vector<std::uint32_t> NodeData::class_counts(NodeId node, Split split,
                                                  const Slice& slice) const {
  const Samples& original = set_of(node, split).samples;
  std::vector<std::uint32_t> scratch;
  const View shown = view(node, split, slice, scratch);
  std::vector<std::uint32_t> rows(shown.rows.begin(), shown.rows.end());
  for (std::uint32_t& row : rows) row %= original.size();
  return counts_of(original, rows);
}

std::vector<std::uint32_t> NodeData::counts_of(const Samples& samples,
                                               std::span<const std::uint32_t> rows) {
  if (samples.schema().classes == 0) return {};
  std::vector<std::int32_t> labels(rows.size());
  samples.labels(rows, labels);
  std::vector<std::uint32_t> counts(samples.schema().classes);
  for (const std::int32_t label : labels) ++counts[static_cast<std::size_t>(label)];
  return counts;
}

}  // namespace skerry::datasets
