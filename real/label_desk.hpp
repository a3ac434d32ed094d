#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "datasets/data_source.hpp"
#include "real/watch.hpp"
#include "scenarios/host/durable_file.hpp"

namespace skerry::real {

/// Where people label for a cloud. It writes what they are asked and reads what they say.
///
/// Beside the labels, or in their folder, stands `to_label.csv`: a row for each question with its
/// name ("id"), what the edge has answered ("answered"), and the example: the values of a table's
/// row as columns, or the name of a file in `examples/` ("file": an image where inputs are bytes of
/// one or three channels, else .npz with the array "input"). Rows are only added: the file grows
/// with what is asked, which price and budget bound.
///
/// A label is a row of a CSV file with the columns "id" and "label" (datasets/label_rows.hpp), so a
/// copy of to_label.csv with one column more is a file of labels. Programs may send such rows
/// instead (take()), and ask what waits (waiting()).
///
/// After a kill, no question is missing and none is there twice; after a power cut, files of
/// examples may be damaged. Used by the driver's thread.
class LabelDesk {
 public:
  struct Options {
    std::filesystem::path labels;  // a file, which need not be there yet, or a folder
    DataSchema schema;             // what models see
    datasets::TableRules table;
    std::vector<std::string> features, classes;  // names; features may be empty
    Watch::Say say;
  };
  /// Errors: those of WatchedRows::open(); to_label.csv cannot be read or written.
  static Result<std::unique_ptr<LabelDesk>> open(Options options);

  /// Writes down what people are asked. May be called before attach(), by a recovery.
  void write(const role::AskLabels& asked);
  /// Begins to feed the driver. After recover(), before run().
  /// Errors: to_label.csv was there before this run began: its names would be mistaken for others.
  Status attach(NodeDriver& driver);
  void look() { watch_->look(); }

  /// What became of rows that a program sent.
  struct Taken {
    std::string refusal;           // why no row was read; empty if they were
    role::LabelsHeard heard;       // with the lines of the text
    std::uint64_t unlabelled = 0;  // rows whose label is empty
  };
  /// Feeds the driver with the labels in a text that is like a file of labels. Durable as
  /// NodeDriver::after_commit() says. At most `kMostRows` rows are taken at a time.
  Taken take(NodeDriver& driver, const std::string& text) const;
  static constexpr std::size_t kMostRows = 4096;

  /// Some of the questions that wait for their labels.
  struct Page {
    std::string header, rows;                                // as in to_label.csv
    std::vector<std::pair<std::string, std::string>> files;  // names in `rows`, contents
    std::vector<std::string> classes;
    std::uint64_t next = 0;  // where the next page begins; 0: this was the last one
  };
  /// @param from  0, or `next` of the page before.
  /// Errors: a file of questions or an example cannot be read.
  Result<Page> waiting(const NodeDriver& driver, std::uint64_t from) const;

  static constexpr const char* kQuestions = "to_label.csv";

 private:
  explicit LabelDesk(Options options) : options_(std::move(options)) {}
  Status open_questions();
  bool is_table() const { return options_.schema.input.size() == 1; }
  std::string header() const;
  std::string row_of(const role::AskLabels::Question& question, const Record& inputs) const;
  std::vector<float> values_of(const Record& inputs, std::uint32_t place) const;
  Result<std::string> write_example(const std::string& stem, const Record& inputs,
                                    std::uint32_t place) const;
  std::string class_name(std::int32_t label) const;

  Options options_;
  std::filesystem::path folder_;
  std::unique_ptr<LabelWatch> watch_;
  host::FileHandle file_;          // to_label.csv
  bool was_there_ = false;         // before open()
  std::set<std::string> written_;  // names in to_label.csv, until attach()
};

}  // namespace skerry::real
