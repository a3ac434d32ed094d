#include "scenarios/host/checkpoint.hpp"

#include "scenarios/host/durable_file.hpp"
#include "tests/catch.hpp"
#include "tests/scenarios/host/payloads.hpp"
#include "tests/scenarios/host/scratch_directory.hpp"

namespace skerry::host {
namespace {

using role::PayloadRef;

constexpr std::uint64_t kRun = 77;

Checkpoint checkpoint_of(const std::string& text, const std::vector<PayloadRef>& payloads) {
  ByteWriter writer;
  writer(text, payloads);
  Checkpoint checkpoint;
  checkpoint.add("state", std::move(writer));
  return checkpoint;
}

std::filesystem::path newest(const std::filesystem::path& directory) {
  std::filesystem::path best;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    best = std::max(best, entry.path());
  }
  return best;
}

TEST_CASE("a checkpoint gives back its sections and one buffer a payload") {
  const ScratchDirectory scratch;
  CheckpointStore store(scratch.path(), kRun);
  const PayloadRef shared = payload_of(7, {1, 2, 3});
  REQUIRE(store.save(5, checkpoint_of("text", {shared, shared, PayloadRef()})).ok());

  const auto loaded = store.load();
  REQUIRE(loaded.ok());
  REQUIRE(loaded.value().has_value());
  CHECK(loaded.value()->sequence == 5);
  std::string text;
  std::vector<PayloadRef> payloads;
  ByteReader reader = loaded.value()->reader("state");
  reader(text, payloads);
  REQUIRE(reader.finished());
  CHECK(text == "text");
  CHECK(values_of(payloads[0]) == std::vector<float>{1, 2, 3});
  CHECK(payloads[0] == payloads[1]);
  CHECK(payloads[0].id() == shared.id());
  CHECK(role::same_shape(payloads[0].shape(), shared.shape()));
  CHECK_FALSE(payloads[2]);
  CHECK_FALSE(loaded.value()->reader("other").ok());
}

TEST_CASE("sums of a content survive a checkpoint") {
  const ScratchDirectory scratch;
  CheckpointStore store(scratch.path(), kRun);
  role::Content content;
  content.sums.emplace_back("delta", ExactSum(2));
  const float values[] = {0.5f, 3.0f};
  content.sums[0].second.add(std::array{ExactSum::Term{values, 2.0f, 2.0f}});
  const auto saved = content.sums[0].second.save();
  REQUIRE(store.save(1, checkpoint_of("", {PayloadRef::of({1, 0}, std::move(content))})).ok());
  const auto loaded = store.load();
  REQUIRE(loaded.ok());
  const auto& payloads = loaded.value()->state.payloads();
  CHECK(payloads.begin()->second.content().sums[0].second.save() == saved);
}

TEST_CASE("the last two checkpoints are kept") {
  const ScratchDirectory scratch;
  CheckpointStore store(scratch.path(), kRun);
  CHECK_FALSE(store.load().value().has_value());
  for (std::uint64_t sequence : {3, 9, 27, 81}) {
    REQUIRE(store.save(sequence, checkpoint_of("", {})).ok());
  }
  CHECK(std::distance(std::filesystem::directory_iterator(scratch.path()), {}) == 2);
  CHECK(store.oldest() == 27);
  CHECK(store.load().value()->sequence == 81);
}

TEST_CASE(
    "every flipped bit and every truncation of a checkpoint is noticed, and the one before it "
    "used") {
  const ScratchDirectory scratch;
  CheckpointStore store(scratch.path(), kRun);
  REQUIRE(store.save(1, checkpoint_of("older", {})).ok());
  REQUIRE(store.save(2, checkpoint_of("newer", {payload_of(1, {4})})).ok());
  const auto path = newest(scratch.path());
  const ByteVector good = *read_file(path);
  const auto used = [&](const ByteVector& bytes) {
    REQUIRE(write_durably(path, bytes).ok());
    const auto loaded = store.load();
    REQUIRE(loaded.ok());
    return loaded.value()->sequence;
  };
  CHECK(used(good) == 2);
  for (std::size_t size = 0; size < good.size(); ++size) {
    CHECK(used({good.begin(), good.begin() + static_cast<std::ptrdiff_t>(size)}) == 1);
  }
  for (std::size_t bit = 0; bit < 8 * good.size(); ++bit) {
    ByteVector bad = good;
    bad[bit / 8] ^= std::byte(1 << bit % 8);
    if (used(bad) != 1) FAIL("bit " << bit << " was not noticed");
  }
  ByteVector longer = good;
  longer.push_back(std::byte{0});
  CHECK(used(longer) == 1);
}

namespace {

/// `count` measurements of one round each, from round `first` on.
void measure(MetricLog& log, std::uint64_t first, std::uint64_t count) {
  for (std::uint64_t round = first; round < first + count; ++round) {
    log.add({"test/accuracy", NodeId::cloud(), SimTime(), round, 1.0 / static_cast<double>(round)});
  }
}

MetricLog measured(std::uint64_t rounds) {
  MetricLog log;
  measure(log, 1, rounds);
  return log;
}

}  // namespace

TEST_CASE("a checkpoint costs what was measured since the one before, not what a run measured") {
  const ScratchDirectory scratch;
  CheckpointStore store(scratch.path(), kRun);
  const auto log = scratch.path() / CheckpointStore::kMetrics;
  MetricLog metrics;
  std::uintmax_t checkpoint = 0, before = 0, addition = 0;
  for (std::uint64_t round = 1; round <= 50; ++round) {
    measure(metrics, round, 1);
    REQUIRE(store.save(round, checkpoint_of("state", {}), metrics).ok());
    const auto size = std::filesystem::file_size(
        scratch.path() /
        ("checkpoint-" + std::string(round < 10 ? 19 : 18, '0') + std::to_string(round) + ".bin"));
    if (round == 1) checkpoint = size, addition = std::filesystem::file_size(log);
    CHECK(size == checkpoint);
    CHECK(std::filesystem::file_size(log) - before == addition);
    before = std::filesystem::file_size(log);
  }
  const auto loaded = CheckpointStore(scratch.path(), kRun).load();
  REQUIRE(loaded.ok());
  CHECK(loaded.value()->metrics.rows() == metrics.rows());
}

TEST_CASE("measurements that are still being made are in a checkpoint, and can be filled later") {
  const ScratchDirectory scratch;
  MetricLog metrics = measured(2);
  const std::size_t place = metrics.reserve();
  measure(metrics, 4, 1);
  CheckpointStore store(scratch.path(), kRun);
  REQUIRE(store.save(1, checkpoint_of("", {}), metrics).ok());
  auto loaded = store.load();
  REQUIRE(loaded.ok());
  MetricLog again = loaded.value()->metrics;
  CHECK(again.rows().size() == 3);
  CHECK(again.settled() == 2);
  const MetricRow late{"late", NodeId::cloud(), SimTime(), 3, 7};
  again.fill(place, {late});
  CHECK(again.settled() == 4);
  REQUIRE(store.save(2, checkpoint_of("", {}), again).ok());
  loaded = CheckpointStore(scratch.path(), kRun).load();
  REQUIRE(loaded.ok());
  const auto rows = loaded.value()->metrics.rows();
  REQUIRE(rows.size() == 4);
  CHECK(rows[2] == late);
  CHECK(rows[3].step == 4);
}

TEST_CASE("measurements beyond the last checkpoint, as a kill leaves them, do not count") {
  const ScratchDirectory scratch;
  const auto log = scratch.path() / CheckpointStore::kMetrics;
  ByteVector longer;
  {
    const ScratchDirectory other;
    CheckpointStore ahead(other.path(), kRun);
    REQUIRE(ahead.save(1, checkpoint_of("", {}), measured(3)).ok());
    REQUIRE(ahead.save(2, checkpoint_of("", {}), measured(9)).ok());
    longer = *read_file(other.path() / CheckpointStore::kMetrics);
  }
  REQUIRE(CheckpointStore(scratch.path(), kRun).save(1, checkpoint_of("", {}), measured(3)).ok());
  const auto whole = std::filesystem::file_size(log);
  for (std::size_t size = whole; size <= longer.size(); ++size) {
    REQUIRE(write_durably(log, std::span(longer).first(size)).ok());
    CheckpointStore store(scratch.path(), kRun);
    const auto loaded = store.load();
    REQUIRE(loaded.ok());
    REQUIRE(loaded.value()->metrics.rows() == measured(3).rows());
    if (size % 50 != 0) continue;
    REQUIRE(store.save(1, checkpoint_of("", {}), measured(3)).ok());
    REQUIRE(store.save(1, checkpoint_of("", {}), measured(4)).ok());
    REQUIRE(store.load().value()->metrics.rows() == measured(4).rows());
    CheckpointStore back(scratch.path(), kRun);
    REQUIRE(back.save(1, checkpoint_of("", {}), measured(3)).ok());
  }
}

TEST_CASE("damaged measurements are noticed, and the run goes on from where they are whole") {
  const ScratchDirectory scratch;
  const auto log = scratch.path() / CheckpointStore::kMetrics;
  CheckpointStore store(scratch.path(), kRun);
  REQUIRE(store.save(1, checkpoint_of("older", {}), measured(2)).ok());
  const auto older = std::filesystem::file_size(log);
  REQUIRE(store.save(2, checkpoint_of("newer", {}), measured(3)).ok());
  const ByteVector good = *read_file(log);
  for (std::size_t bit = 0; bit < 8 * good.size(); ++bit) {
    ByteVector bad = good;
    bad[bit / 8] ^= std::byte(1 << bit % 8);
    REQUIRE(write_durably(log, bad).ok());
    const auto loaded = CheckpointStore(scratch.path(), kRun).load();
    if (bit / 8 < older) {
      if (loaded.ok()) FAIL("bit " << bit << " was not noticed");
      continue;
    }
    if (!loaded.ok() || loaded.value()->sequence != 1) FAIL("bit " << bit << " was not noticed");
  }
  for (std::size_t size = older; size < good.size(); ++size) {
    REQUIRE(write_durably(log, std::span(good).first(size)).ok());
    CHECK(CheckpointStore(scratch.path(), kRun).load().value()->sequence == 1);
  }
  CheckpointStore again(scratch.path(), kRun);
  REQUIRE(again.load().value()->skipped.size() == 1);
  REQUIRE(again.save(3, checkpoint_of("newest", {}), measured(5)).ok());
  CHECK(again.load().value()->metrics.rows() == measured(5).rows());
}

TEST_CASE("a checkpoint of another scenario is refused in words") {
  const ScratchDirectory scratch;
  REQUIRE(CheckpointStore(scratch.path(), kRun).save(1, checkpoint_of("", {})).ok());
  CHECK(CheckpointStore(scratch.path(), kRun + 1).load().message() ==
        "no checkpoint can be used; " + newest(scratch.path()).string() +
            ": belongs to another scenario");
}

}  // namespace
}  // namespace skerry::host
