#pragma once

#include <string>
#include <vector>

#include "algorithms/sdk/result.hpp"
#include "real/infer_client.hpp"

namespace skerry::experiments {

/// In which of its two forms an example is sent to an edge.
enum class SendAs {
  kNatural,  // bytes where the edge takes them, but for float arrays
  kBytes,    // whole numbers from 0 to 255, as the edge's data source would hold them
  kValues,   // float32, normalised already
};

/// The examples in a NumPy array: one in the shape that the edge wants, or many of them behind one
/// more extent.
/// Errors (one, with the file): those of read_npy(), another shape, a number that is no byte or not
/// a finite float32.
Result<std::vector<real::Question>> examples_in_npy(const std::string& file,
                                                    const real::ExampleForm& form, SendAs as);

/// The examples in a CSV file with a header, one a row, one value a column.
/// @param drop  columns that are no values, such as the class.
/// Errors (one, with the file): those of read_csv(), another number of columns, a number that is no
/// byte.
Result<std::vector<real::Question>> examples_in_csv(const std::string& file,
                                                    const std::vector<std::string>& drop,
                                                    const real::ExampleForm& form, SendAs as);

}  // namespace skerry::experiments
