#pragma once

#include <string>
#include <vector>

#include "algorithms/sdk/result.hpp"
#include "real/infer_client.hpp"

namespace skerry::experiments {

/// The form in which examples are sent to an edge.
enum class SendAs {
  kNatural,  // bytes if the edge takes them and the file does not hold floats; otherwise values
  kBytes,    // whole numbers from 0 to 255, as the edge's data source would hold them
  kValues,   // float32, already normalised
};

/// Reads the examples in a NumPy array: one example of the shape that the edge wants, or many of
/// them, with one more extent in front.
/// Errors, each with the file's name: those of read_npy(), bytes for an edge that takes none, a
/// wrong shape, a number that is not a byte or not a finite float32.
Result<std::vector<real::Question>> examples_in_npy(const std::string& file,
                                                    const real::ExampleForm& form, SendAs as);

/// Reads the examples in a CSV file with a header: a row is an example, a column is a value. Where
/// the edge's features have names, columns are found by name, in whatever order they stand.
/// @param drop  columns that hold no input, such as the class.
/// Errors, each with the file's name: those of read_csv(), bytes for an edge that takes none, a
/// wrong number of columns, a missing one, a number that is not a byte or not a finite float32.
Result<std::vector<real::Question>> examples_in_csv(const std::string& file,
                                                    const std::vector<std::string>& drop,
                                                    const real::ExampleForm& form, SendAs as);

}  // namespace skerry::experiments
