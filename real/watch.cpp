#include "real/watch.hpp"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <utility>

namespace skerry::real {

using datasets::GrowingFile;
using datasets::WatchedRows;

namespace {

Duration steady_now() {
  const auto passed = std::chrono::steady_clock::now().time_since_epoch();
  return Duration::nanoseconds(
      std::chrono::duration_cast<std::chrono::nanoseconds>(passed).count());
}

Payload payload_of(const datasets::ExampleBatch& batch) {
  const bool bytes = !batch.bytes.empty();
  const std::size_t size = bytes ? batch.bytes.size() : batch.values.size();
  const DType type = bytes ? DType::kUint8 : DType::kFloat32;
  Payload made;
  Record& record = made.add(
      {"input", std::make_shared<const Layout>(Layout::flat("input", size, type)), Reduce::kEach});
  const void* from = bytes ? static_cast<const void*>(batch.bytes.data()) : batch.values.data();
  std::memcpy(record.overwrite().data(), from, size * size_of(type));
  return made;
}

}  // namespace

void Watch::attach(NodeDriver& driver) {
  driver_ = &driver;
  const auto place = from_bytes<datasets::WatchPlace>(driver.watched());
  if (place && !driver.watched().empty()) rows_.go_on(*place);
  if (!driver.watched().empty()) return;
  driver.post([this, &driver] {
    driver.feed(opening(), {.kind = LinkNote::Kind::kWatched, .place = to_bytes(rows_.place())});
  });
}

Status Watch::take_file(const std::filesystem::path& file) {
  return Failure{file.string() + ": is no CSV file"};
}

/// Takes the rows of a portion. Returns how many make no sense.
std::uint32_t Watch::read(const WatchedRows::Portion& portion, bool& sound) {
  const std::string file = portion.file.string();
  if (portion.arrays) {
    const Status taken = take_file(portion.file);
    sound = taken.ok();
    if (!taken) faults_.say(taken.message());
    return taken ? 0 : 1;
  }
  if (file != file_ || portion.header != header_) {
    if (file != file_) file_sound_ = true;
    file_ = file;
    header_ = portion.header;
    fits_ = take_header(portion.header);
    if (!fits_) faults_.say(file + ": line 1: " + fits_.message());
  }
  sound = file_sound_ = file_sound_ && fits_.ok();
  std::uint32_t faulty = 0;
  for (const GrowingFile::Line& line : portion.lines) {
    const Status taken = line.fault.empty() ? take(line) : Status(Failure{line.fault});
    if (taken) continue;
    ++faulty;
    if (!fits_) continue;  // it was said of the header
    faults_.say(file + ": line " + std::to_string(line.number) + ": " + taken.message());
  }
  return faulty;
}

void Watch::finish(bool sound) {
  file_.clear();
  if (const Status moved = rows_.finish(sound); !moved && say_) say_(moved.message());
}

void Watch::look() {
  faults_.look();
  if (driver_ == nullptr || driver_->watched().empty() || driver_->outcome() ||
      driver_->backlog() >= kMostWaiting) {
    return;
  }
  const WatchedRows::Portion portion = rows_.next(steady_now(), kMost);
  for (const std::string& remark : portion.remarks) faults_.say(remark);
  if (portion.empty()) return;
  bool sound = true;
  const std::uint32_t faulty = read(portion, sound);
  driver_->feed(taken(*driver_, portion.file, faulty),
                {.kind = LinkNote::Kind::kWatched, .place = to_bytes(rows_.place())});
  if (!portion.ended) return;
  driver_->after_commit([this, sound] { finish(sound); });
}

Result<std::unique_ptr<SampleWatch>> SampleWatch::open(const std::filesystem::path& path, Say say) {
  auto rows = WatchedRows::open({.path = path, .arrays = true, .ignored = {}});
  if (!rows) return rows.failure();
  return std::unique_ptr<SampleWatch>(new SampleWatch(std::move(*rows), std::move(say)));
}

Status SampleWatch::take_file(const std::filesystem::path& file) {
  auto batch = form_->read_arrays(file);
  if (!batch) return batch.failure();
  batch_ = std::move(*batch);
  return {};
}

role::Event SampleWatch::taken(NodeDriver& driver, const std::filesystem::path&,
                               std::uint32_t faulty) {
  const datasets::ExampleBatch batch = std::exchange(batch_, {});
  role::SamplesArrived samples{.inputs = {}, .labels = batch.labels, .faulty = faulty};
  if (!batch.labels.empty()) {
    samples.inputs = role::PayloadRef::of(driver.next_samples(), {payload_of(batch), {}});
  }
  return samples;
}

Result<std::unique_ptr<LabelWatch>> LabelWatch::open(const std::filesystem::path& path,
                                                     const std::string& ignored,
                                                     std::vector<std::string> classes, Say say) {
  auto rows = WatchedRows::open({.path = path, .arrays = false, .ignored = {ignored}});
  if (!rows) return rows.failure();
  return std::unique_ptr<LabelWatch>(
      new LabelWatch(std::move(*rows), std::move(classes), std::move(say)));
}

Status LabelWatch::take(const GrowingFile::Line& line) {
  const auto given = form_.read(line.text);
  if (!given) return given.failure();
  if (!given->has_value()) return {};  // not labelled yet
  const datasets::GivenLabel& label = **given;
  labels_.push_back({label.node, label.position, label.label, line.number});
  return {};
}

role::Event LabelWatch::taken(NodeDriver&, const std::filesystem::path& file,
                              std::uint32_t faulty) {
  return role::LabelsArrived{
      .labels = std::exchange(labels_, {}), .source = file.string(), .faulty = faulty};
}

}  // namespace skerry::real
