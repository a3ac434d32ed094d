#include "experiments/launch.hpp"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <initializer_list>

namespace skerry::experiments {

namespace {

/// The first of these environment variables that holds a number.
unsigned number(std::initializer_list<const char*> names, unsigned otherwise) {
  for (const char* name : names) {
    const char* text = std::getenv(name);
    unsigned value = 0;
    if (text && std::from_chars(text, text + std::strlen(text), value).ec == std::errc()) {
      return value;
    }
  }
  return otherwise;
}

}  // namespace

Launch launch() {
  return {.rank = number({"OMPI_COMM_WORLD_RANK", "PMI_RANK"}, 0),
          .ranks = std::max(1u, number({"OMPI_COMM_WORLD_SIZE", "PMI_SIZE"}, 1)),
          .neighbours = std::max(1u, number({"OMPI_COMM_WORLD_LOCAL_SIZE", "MPI_LOCALNRANKS"}, 1))};
}

}  // namespace skerry::experiments
