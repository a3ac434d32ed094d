#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "algorithms/sdk/result.hpp"
#include "real/keys.hpp"
#include "scenarios/role/effects.hpp"

namespace skerry::real {

/// What a cloud says of labels that were sent to it.
struct LabelsSaid {
  role::LabelsHeard heard;       // with the lines of the text
  std::uint64_t unlabelled = 0;  // rows whose label is empty
};

/// Sends the rows of a file of labels, some thousand at a time. A row may be sent again.
/// Errors: those of ask_status(); the cloud refuses all rows. Rows that were sent before stay
/// taken.
Result<LabelsSaid> send_labels(const std::string& server, const std::optional<NodeKeys>& keys,
                               const std::string& text);

/// Questions that wait for a label.
struct OpenQuestions {
  std::string csv;  // as in to_label.csv
  /// Examples that the rows name in their column "file": names and contents. A name is
  /// `examples/NAME`, with no other folder in it.
  std::vector<std::pair<std::string, std::string>> files;
  std::vector<std::string> classes;  // what a label may be
};

/// Errors: those of ask_status(); nobody labels there; names of files that are none.
Result<OpenQuestions> ask_questions(const std::string& server, const std::optional<NodeKeys>& keys);

}  // namespace skerry::real
