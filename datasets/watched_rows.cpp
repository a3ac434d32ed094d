#include "datasets/watched_rows.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "datasets/file_bytes.hpp"

namespace skerry::datasets {

namespace fs = std::filesystem;

namespace {

constexpr Duration kSettled = Duration::seconds(1);
constexpr const char* kTaken = "taken";
constexpr const char* kRefused = "refused";

std::uint64_t id_of(const fs::path& path) {
  struct stat found {};
  return ::stat(path.c_str(), &found) == 0 ? found.st_ino : 0;
}

bool is_array_file(const fs::path& path) {
  return path.extension() == ".npz" || path.extension() == ".npy";
}

}  // namespace

Result<WatchedRows> WatchedRows::open(Options options) {
  const fs::path path = options.path;
  std::error_code ignored;
  const bool slash = path.filename().empty();
  WatchedRows rows(std::move(options));
  rows.folder_ = slash || fs::is_directory(path, ignored);
  if (!rows.folder_) {
    const Status there = check_folder_of(path);
    if (!there) return there.failure();
    return rows;
  }
  if (!fs::is_directory(path, ignored)) {
    return wrong_input(path.string() + ": there is no such folder to watch");
  }
  if (::access(path.c_str(), R_OK | W_OK | X_OK) != 0) {
    return wrong_input(path.string() +
                       ": cannot be written to, and files that were read are moved out of the way");
  }
  return rows;
}

void WatchedRows::go_on(const WatchPlace& place) {
  place_ = place;
  reading_.reset();
  if (!folder_) reading_ = std::make_unique<GrowingFile>(options_.path, place.file);
  if (folder_ && !place.name.empty()) {
    reading_ = std::make_unique<GrowingFile>(options_.path / place.name, place.file);
  }
}

bool WatchedRows::takes(const std::string& name) const {
  const fs::path path(name);
  return !name.starts_with('.') && path.extension() != ".part" && path.extension() != ".tmp" &&
         !options_.ignored.contains(name);
}

/// The first complete file of the folder.
std::optional<std::string> WatchedRows::next_file(Duration now) {
  std::map<std::string, Seen> here;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(options_.path, error)) {
    const std::string name = entry.path().filename().string();
    if (!takes(name) || !entry.is_regular_file(error) || error) continue;
    const Seen seen{entry.file_size(error), entry.last_write_time(error), now};
    if (!error) here[name] = seen;
  }
  std::optional<std::string> complete;
  for (auto& [name, seen] : here) {
    const auto before = seen_.find(name);
    if (before == seen_.end() || before->second.size != seen.size ||
        before->second.changed != seen.changed) {
      continue;
    }
    seen.since = before->second.since;
    const auto left = left_alone_.find(name);
    if (left != left_alone_.end() && left->second == seen.changed) continue;
    if (!complete && now - seen.since >= kSettled) complete = name;
  }
  seen_ = std::move(here);
  return complete;
}

void WatchedRows::read(Portion& portion, std::size_t most) {
  auto got = reading_->read(most, folder_);
  if (!got) {
    portion.remarks.push_back(got.message());
    portion.ended = folder_;
    place_.ended = folder_;
    return;
  }
  portion.header = reading_->header();
  portion.lines = std::move(got->lines);
  portion.remarks = std::move(got->remarks);
  portion.ended = folder_ && got->ended;
  place_.file = reading_->place();
  place_.ended = portion.ended;
}

WatchedRows::Portion WatchedRows::next(Duration now, std::size_t most) {
  Portion portion{.file = options_.path};
  if (!folder_) {
    if (!reading_) go_on({});
    read(portion, most);
    return portion;
  }
  if (place_.ended) {  // an earlier process had read it
    portion.file /= place_.name;
    if (id_of(portion.file) == place_.file.id) {
      if (const Status moved = finish(true); !moved) portion.remarks.push_back(moved.message());
    }
    go_on({});
    return portion;
  }
  if (place_.name.empty()) {
    const auto name = next_file(now);
    if (!name) return portion;
    go_on({.name = *name});
  }
  portion.file /= place_.name;
  if (is_array_file(portion.file)) {
    portion.arrays = options_.arrays;
    portion.ended = true;
    place_.ended = true;
    place_.file.id = id_of(portion.file);
    return portion;
  }
  if (id_of(portion.file) == 0) {
    portion.remarks.push_back(portion.file.string() + ": was taken away while it was read");
    go_on({});
    return portion;
  }
  read(portion, most);
  return portion;
}

Status WatchedRows::finish(bool sound) {
  const fs::path from = options_.path / place_.name;
  const fs::path folder = options_.path / (sound ? kTaken : kRefused);
  const std::string name = place_.name;
  go_on({});
  std::error_code error;
  fs::create_directory(folder, error);
  fs::path to = folder / name;
  for (int k = 2; fs::exists(to, error); ++k) to = folder / (name + "." + std::to_string(k));
  fs::rename(from, to, error);
  seen_.erase(name);
  if (!error) return {};
  std::error_code ignored;
  left_alone_[name] = fs::last_write_time(from, ignored);
  return Failure{from.string() + ": cannot be moved to " + folder.string() + ": " +
                 error.message() + "; it was read, and is left alone until it changes"};
}

}  // namespace skerry::datasets
