#include "sim/mpi/content_parcel.hpp"

namespace skerry::mpi {

role::Content content_of(const Lend& lend, Payload payload) {
  role::Content content{std::move(payload), {}};
  if (lend.sums.empty()) return content;
  auto sums = role::load_content(lend.sums);
  SKERRY_CHECK(sums.ok(), "sums arrive whole");
  content.sums = std::move(sums->sums);
  return content;
}

}  // namespace skerry::mpi
