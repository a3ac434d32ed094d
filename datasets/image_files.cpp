#include "datasets/image_files.hpp"

#include <array>
#include <limits>

#include "algorithms/sdk/archive.hpp"
#include "datasets/idx.hpp"
#include "datasets/published_files.hpp"
#include "datasets/samples.hpp"

namespace skerry::datasets {

namespace {

constexpr std::array<const char*, 4> kFiles = {"train-images-idx3-ubyte", "train-labels-idx1-ubyte",
                                               "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"};

using FoundFiles = std::array<std::filesystem::path, 4>;

std::optional<FoundFiles> find_in(const std::filesystem::path& folder) {
  FoundFiles found;
  std::error_code ignored;
  for (std::size_t i = 0; i < kFiles.size(); ++i) {
    for (const char* ending : {"", ".gz"}) {
      const std::filesystem::path path = folder / (std::string(kFiles[i]) + ending);
      if (found[i].empty() && std::filesystem::is_regular_file(path, ignored)) found[i] = path;
    }
    if (found[i].empty()) return std::nullopt;
  }
  return found;
}

Result<FoundFiles> find_files(const ImageFiles& files, const DataEnvironment& environment) {
  std::vector<std::filesystem::path> folders = folders_of(files.name, environment);
  folders.insert(folders.end(), files.system_folders.begin(), files.system_folders.end());
  std::string places;
  for (const std::filesystem::path& folder : folders) {
    if (const auto found = find_in(folder)) return *found;
    places += (places.empty() ? "" : ", ") + folder.string();
  }
  return Failure{files.name + ": no folder has " + kFiles[0] +
                 " and its three companions; looked in " + places + "; `skerry data fetch " +
                 files.name + "` gets them"};
}

struct Part {
  std::shared_ptr<const Samples> samples;
  std::uint64_t hash = 0;
};

Result<Part> load_part(const std::filesystem::path& images_path,
                       const std::filesystem::path& labels_path, DataSchema schema) {
  Result<IdxArray> images = read_idx(images_path);
  if (!images) return images.failure();
  Result<IdxArray> labels = read_idx(labels_path);
  if (!labels) return labels.failure();
  const Shape& shape = images->shape();
  if (images->type() != IdxType::kUint8 || shape.size() != 3 || shape[1] == 0 || shape[2] == 0) {
    return wrong_at(images_path, 2, "must hold bytes [samples, height, width]");
  }
  if (labels->type() != IdxType::kUint8 || labels->shape().size() != 1) {
    return wrong_at(labels_path, 2, "must hold bytes [samples]");
  }
  const auto classes = labels->elements<std::uint8_t>();
  if (shape[0] == 0) return wrong_at(images_path, 4, "holds no samples");
  if (classes.size() != shape[0]) {
    return wrong_at(labels_path, 4,
                    "holds " + std::to_string(classes.size()) + " labels for the " +
                        std::to_string(shape[0]) + " images of " + images_path.string());
  }
  for (std::size_t i = 0; i < classes.size(); ++i) {
    if (classes[i] >= schema.classes) {
      return wrong_at(labels_path, labels->header_bytes() + i,
                      "label " + std::to_string(classes[i]) + ", but there are only " +
                          std::to_string(schema.classes) + " classes");
    }
  }
  schema.input = {1, shape[1], shape[2]};
  RunningHash hash;
  hash.add(std::as_bytes(images->elements<std::uint8_t>()));
  hash.add(std::as_bytes(classes));
  auto owner = std::make_shared<const IdxArray>(std::move(*images));
  const std::uint8_t* pixels = owner->elements<std::uint8_t>().data();
  return Part{
      std::make_shared<ByteSamples>(std::move(schema), owner, pixels,
                                    std::vector<std::int32_t>(classes.begin(), classes.end())),
      hash.value()};
}

}  // namespace

Result<DataSet> load_images(const ImageFiles& files, Normalise normalise,
                            const DataEnvironment& environment) {
  Result<FoundFiles> found = find_files(files, environment);
  if (!found) return found.failure();
  DataSchema schema{.classes = static_cast<std::uint32_t>(files.class_names.size()), .scale = 255};
  if (normalise == Normalise::kStandard) {
    schema.mean = files.mean;
    schema.deviation = files.deviation;
  }
  const auto& [train_images, train_labels, test_images, test_labels] = *found;
  Result<Part> train = load_part(train_images, train_labels, schema);
  if (!train) return train.failure();
  Result<Part> test = load_part(test_images, test_labels, schema);
  if (!test) return test.failure();
  if (train->samples->schema() != test->samples->schema()) {
    return wrong_at(test_images, 8,
                    "its images are " + to_string(test->samples->schema().input) + ", those of " +
                        train_images.string() + " are " +
                        to_string(train->samples->schema().input));
  }
  RunningHash hash;
  hash.add_value(train->hash);
  hash.add_value(test->hash);
  return DataSet{.train = train->samples,
                 .test = test->samples,
                 .class_names = files.class_names,
                 .content_hash = hash.value(),
                 .origin = train_images.parent_path().string()};
}

}  // namespace skerry::datasets
