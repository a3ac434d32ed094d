#include "scenarios/host/checkpoint.hpp"
#include "scenarios/host/journal.hpp"
#include "tests/catch.hpp"
#include "tests/same_bits.hpp"
#include "tests/scenarios/host/payloads.hpp"
#include "tests/scenarios/host/scratch_directory.hpp"
#include "tests/scenarios/host/stored_copy.hpp"

namespace skerry::host {
namespace {

using role::PayloadRef;

std::vector<float> counted(std::size_t size) {
  std::vector<float> values(size);
  for (std::size_t i = 0; i < size; ++i) values[i] = static_cast<float>(i);
  return values;
}

TEST_CASE("a stored payload is read when its values are needed, and goes with who reads it") {
  int reads = 0;
  const PayloadRef original = payload_of(3, counted(1000));
  const PayloadRef stored = stored_copy(original, [&reads] { ++reads; });
  CHECK(stored.is_stored());
  CHECK(stored.ready());
  CHECK(stored.id() == original.id());
  CHECK(role::same_shape(stored.shape(), original.shape()));
  CHECK(stored.encoded_bytes() == original.encoded_bytes());
  CHECK(reads == 0);
  std::weak_ptr<const Record> seen;
  {
    const Payload content = stored.payload();
    CHECK(reads == 1);
    CHECK(bits(content.at("model").f32()) == bits(counted(1000)));
    seen = content.share("model");
  }
  CHECK(seen.expired());
}

TEST_CASE("a stored payload that is read a second time stays in memory") {
  int reads = 0;
  const PayloadRef stored = stored_copy(payload_of(3, {1, 2}), [&reads] { ++reads; });
  (void)stored.payload();
  const Record* const second = stored.payload().share("model").get();
  CHECK(stored.payload().share("model").get() == second);
  CHECK(reads == 2);
}

TEST_CASE("a stored payload that is kept is read once, and stays in memory") {
  int reads = 0;
  const PayloadRef stored = stored_copy(payload_of(3, {1, 2}), [&reads] { ++reads; });
  const Record* const first = stored.kept().share("model").get();
  CHECK(values_of(stored) == std::vector<float>{1, 2});
  CHECK(stored.payload().share("model").get() == first);
  CHECK(stored.kept().share("model").get() == first);
  CHECK(reads == 1);
  const PayloadRef in_memory = payload_of(3, {1, 2});
  CHECK(in_memory.kept().share("model") == in_memory.payload().share("model"));
}

TEST_CASE("what is taken out of a stored payload is one's own") {
  PayloadRef stored = stored_copy(payload_of(3, {1, 2}));
  const PayloadRef other = stored;
  role::Content content = std::move(stored).take();
  content.payload.open("model").f32()[0] = 9;
  CHECK(values_of(other) == std::vector<float>{1, 2});
}

TEST_CASE("an encoding gives the same bytes from memory and from a file, at any place") {
  const PayloadRef original = payload_of(3, counted(100));
  const ByteVector whole = role::Encoding(original).whole();
  const role::Encoding stored(stored_copy(original));
  CHECK(stored.whole() == whole);
  CHECK(values_of(PayloadRef::of({}, *role::load_content(whole))) == counted(100));
  for (std::size_t offset = 0; offset <= whole.size(); ++offset) {
    ByteVector part(std::min<std::size_t>(37, whole.size() - offset));
    role::Encoding(original).read(offset, part);
    REQUIRE(std::equal(part.begin(), part.end(), whole.begin() + static_cast<long>(offset)));
  }
}

TEST_CASE("an encoding comes in parts that are all of it") {
  const role::Encoding encoding(payload_of(3, counted(700'000)));
  ByteVector all;
  RunningHash in_parts, at_once;
  in_parts.begin(encoding.size());
  encoding.each([&](std::span<const std::byte> part) {
    CHECK(part.size() <= role::Encoding::kPart);
    all.insert(all.end(), part.begin(), part.end());
    in_parts.part(part);
  });
  CHECK(all == encoding.whole());
  at_once.add(all);
  CHECK(in_parts.value() == at_once.value());
}

TEST_CASE(
    "stored bytes that are no payload are refused before any value is read, in the words "
    "of those in memory") {
  const ByteVector good = role::Encoding(payload_of(1, {1, 2, 3})).whole();
  const auto refusals = [](const ByteVector& bytes) {
    const auto in_memory = role::load_content(bytes);
    const auto stored =
        PayloadRef::stored({}, std::make_shared<WatchedBytes>(bytes, [] { FAIL("was read"); }));
    CHECK(stored.ok() == in_memory.ok());
    CHECK(stored.message() == in_memory.message());
  };
  for (std::size_t i = 0; i < good.size(); ++i) {
    ByteVector bad = good;
    bad[i] ^= std::byte{0xff};
    refusals(bad);
    bad.resize(i);
    refusals(bad);
  }
}

TEST_CASE("a large payload stays in the journal's file when the journal is read back") {
  const ScratchDirectory scratch;
  const Journal::Options options{scratch.path(), 5};
  const PayloadRef original = payload_of(1, counted(kStoredFrom / 4));
  const bool from_file = GENERATE(false, true);
  {
    auto journal = Journal::open(options, 0, [](const JournalRecord&) { return Status(); });
    role::Message message;
    message.payloads = {from_file ? stored_copy(original) : original, payload_of(2, {5})};
    REQUIRE(journal->append({SimTime(), role::MessageArrived{std::move(message)}}).ok());
    REQUIRE(journal->commit().ok());
  }
  std::vector<PayloadRef> found;
  REQUIRE(Journal::read(options, 0, [&](const JournalRecord& record) -> Status {
            PayloadTable table;
            std::vector<PayloadRef> keep;
            const auto input = record.read(table, keep);
            if (!input) return input.failure();
            found = std::get<role::MessageArrived>(input.value().event).message.payloads;
            return {};
          }).ok());
  REQUIRE(found.size() == 2);
  CHECK(found[0].is_stored());
  CHECK_FALSE(found[1].is_stored());
  std::filesystem::remove_all(scratch.path());  // its bytes stay for who holds them
  CHECK(values_of(found[0]) == values_of(original));
  CHECK(values_of(found[1]) == std::vector<float>{5});
}

TEST_CASE("a large payload stays in the checkpoint's file when that is loaded") {
  const ScratchDirectory scratch;
  CheckpointStore store(scratch.path(), 5);
  const PayloadRef original = payload_of(1, counted(kStoredFrom / 4));
  Checkpoint checkpoint;
  ByteWriter writer;
  writer(std::vector{GENERATE(false, true) ? stored_copy(original) : original});
  checkpoint.add("state", std::move(writer));
  REQUIRE(store.save(1, checkpoint).ok());
  const auto loaded = store.load();
  REQUIRE(loaded.ok());
  const PayloadRef payload = loaded.value()->state.payloads().begin()->second;
  CHECK(payload.is_stored());
  CHECK(values_of(payload) == values_of(original));
}

}  // namespace
}  // namespace skerry::host
