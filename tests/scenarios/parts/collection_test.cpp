#include "scenarios/parts/collection.hpp"

#include "tests/catch.hpp"

namespace skerry::parts {
namespace {

/// The job is done: every update was as it should be.
role::JobFinished done(const role::Job& job) {
  const auto body = from_bytes<AccumulateBody>(job.body);
  AccumulateReport report;
  for (const UpdateEntry& entry : body->updates) {
    report.verdicts.push_back({.update = entry, .finite = true, .samples = 1, .loss = 0});
  }
  return {job.number, {role::PayloadRef()}, to_bytes(report)};
}

TEST_CASE("however many updates wait, a job takes 64 at most, in their order, and none is lost") {
  Collection collection;
  collection.begin(false, {});
  constexpr std::uint32_t kUpdates = 200;
  for (std::uint32_t k = 0; k < kUpdates; ++k) collection.add({.node = NodeId::edge(k)}, {});
  collection.close();
  std::vector<std::size_t> sizes;
  std::uint32_t next = 0;
  while (const auto job = collection.next_job()) {
    CHECK_FALSE(collection.complete());
    CHECK(collection.count() == kUpdates);
    const auto body = from_bytes<AccumulateBody>(job->body);
    sizes.push_back(body->updates.size());
    for (const UpdateEntry& entry : body->updates) CHECK(entry.node == NodeId::edge(next++));
    collection.finished(done(*job));
  }
  CHECK(sizes == std::vector<std::size_t>{64, 64, 64, 8});
  CHECK(collection.complete());
  CHECK(collection.accepted() == kUpdates);
}

TEST_CASE("while updates may still come a job waits for eight") {
  Collection collection;
  collection.begin(false, {});
  for (std::uint32_t k = 0; k < 7; ++k) collection.add({.node = NodeId::edge(k)}, {});
  CHECK_FALSE(collection.next_job().has_value());
  collection.add({.node = NodeId::edge(7)}, {});
  CHECK(collection.next_job().has_value());
}

}  // namespace
}  // namespace skerry::parts
