#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "algorithms/sdk/result.hpp"
#include "datasets/example_rows.hpp"
#include "datasets/label_rows.hpp"
#include "datasets/watched_rows.hpp"
#include "real/few_lines.hpp"
#include "real/node_driver.hpp"

namespace skerry::real {

/// Feeds a node with what people or programs put into a file or folder (datasets/watched_rows.hpp)
/// while the run goes on.
///
/// The journal holds what came, and with it how far the reading has come. So a process that is
/// killed at any moment goes on with the first row that its role has not seen, and a replay needs
/// no file. Rows that make no sense are counted, and some of them are named; they never end the
/// run.
///
/// Lives as long as the process, while drivers come and go. Called on the driver's thread.
class Watch {
 public:
  using Say = std::function<void(const std::string& line)>;
  virtual ~Watch() = default;
  /// From now on feeds that driver: goes on where its state ends, or where the driver before it
  /// was. After recover(), before run(). The driver outlives the next attach().
  void attach(NodeDriver& driver);
  /// Takes what has come. To be called often: it reads at most `kMost` rows, and none while many
  /// wait.
  void look();

  static constexpr std::size_t kMost = 4096;
  static constexpr std::size_t kMostWaiting = 8192;

 protected:
  Watch(datasets::WatchedRows rows, Say say)
      : rows_(std::move(rows)), faults_(say, "more rows were refused"), say_(std::move(say)) {}

  /// What is announced before anything has come.
  virtual role::Event opening() const = 0;
  /// Another file begins, or the file's header has changed. Errors: it does not fit.
  virtual Status take_header(const std::string& header) = 0;
  /// A line of the file. Errors: why it makes no sense.
  virtual Status take(const datasets::GrowingFile::Line& line) = 0;
  /// A whole file that is no text. Errors: with the file's name.
  virtual Status take_file(const std::filesystem::path& file);
  /// What was taken since the last call, with so many rows that make no sense.
  /// @param file  from which it came.
  virtual role::Event taken(NodeDriver& driver, const std::filesystem::path& file,
                            std::uint32_t faulty) = 0;

 private:
  std::uint32_t read(const datasets::WatchedRows::Portion& portion, bool& sound);
  void finish(bool sound);

  datasets::WatchedRows rows_;
  FewLines faults_;
  Say say_;
  NodeDriver* driver_ = nullptr;
  std::string file_, header_;  // of the last lines
  Status fits_;                // that header
  bool file_sound_ = true;     // what was read of the folder's file
};

/// Samples that come to an edge.
class SampleWatch final : public Watch {
 public:
  /// @param path  a file or folder.
  /// Errors: those of WatchedRows::open().
  static Result<std::unique_ptr<SampleWatch>> open(const std::filesystem::path& path, Say say);
  /// What the edge's own data is like. Before attach().
  void set_form(datasets::ExampleRows form) { form_ = std::move(form); }

 private:
  using Watch::Watch;
  role::Event opening() const override { return role::SamplesArrived{}; }
  Status take_header(const std::string& header) override { return form_->take_header(header); }
  Status take(const datasets::GrowingFile::Line& line) override {
    return form_->add(line.text, batch_);
  }
  Status take_file(const std::filesystem::path& file) override;
  role::Event taken(NodeDriver& driver, const std::filesystem::path& file,
                    std::uint32_t faulty) override;

  std::optional<datasets::ExampleRows> form_;
  datasets::ExampleBatch batch_;
};

/// Labels that people give on a cloud.
class LabelWatch final : public Watch {
 public:
  /// @param ignored  a file of the folder that holds no labels.
  static Result<std::unique_ptr<LabelWatch>> open(const std::filesystem::path& path,
                                                  const std::string& ignored,
                                                  std::vector<std::string> classes, Say say);

 private:
  LabelWatch(datasets::WatchedRows rows, std::vector<std::string> classes, Say say)
      : Watch(std::move(rows), std::move(say)), form_(std::move(classes)) {}
  role::Event opening() const override { return role::LabelsArrived{}; }
  Status take_header(const std::string& header) override { return form_.take_header(header); }
  Status take(const datasets::GrowingFile::Line& line) override;
  role::Event taken(NodeDriver& driver, const std::filesystem::path& file,
                    std::uint32_t faulty) override;

  datasets::LabelRows form_;
  std::vector<role::LabelsArrived::Label> labels_;
};

}  // namespace skerry::real
