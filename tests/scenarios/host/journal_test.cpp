#include "scenarios/host/journal.hpp"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/catch.hpp"
#include "tests/scenarios/host/payloads.hpp"
#include "tests/scenarios/host/scratch_directory.hpp"

namespace skerry::host {
namespace {

using role::Input;

const auto kNothing = [](const JournalRecord&) { return Status(); };

Input timer(std::uint64_t number) {
  return {SimTime::at(Duration::seconds(static_cast<std::int64_t>(number))),
          role::TimerFired{number}};
}

Input arrival(std::uint64_t number) {
  role::Message message;
  message.from = NodeId::edge(3);
  message.body = to_bytes(number);
  message.payloads = {payload_of(number, {static_cast<float>(number)})};
  return {SimTime(), role::MessageArrived{std::move(message)}};
}

Input request(std::uint64_t number) {
  return {SimTime(), role::Request{role::kFromOutside | number,
                                   payload_of(number, {static_cast<float>(number)})}};
}

Input samples(std::uint64_t number) {
  return {SimTime(), role::SamplesArrived{payload_of(number, {static_cast<float>(number)}),
                                          {static_cast<std::int32_t>(number)}}};
}

/// Numbers of the inputs that a journal gives back.
std::vector<std::uint64_t> replayed(const Journal::Options& options, std::uint64_t after = 0) {
  std::vector<std::uint64_t> numbers;
  const auto reading = Journal::read(options, after, [&](const JournalRecord& record) -> Status {
    PayloadTable table;
    std::vector<role::PayloadRef> keep;
    const auto input = record.read(table, keep);
    if (!input) return input.failure();
    if (const auto* fired = std::get_if<role::TimerFired>(&input.value().event)) {
      numbers.push_back(fired->timer);
    } else if (const auto* asked = std::get_if<role::Request>(&input.value().event)) {
      numbers.push_back(asked->number & ~role::kFromOutside);
      CHECK(values_of(asked->example)[0] == static_cast<float>(numbers.back()));
    } else if (const auto* came = std::get_if<role::SamplesArrived>(&input.value().event)) {
      numbers.push_back(static_cast<std::uint64_t>(came->labels.at(0)));
      CHECK(values_of(came->inputs)[0] == static_cast<float>(numbers.back()));
    } else {
      const auto& message = std::get<role::MessageArrived>(input.value().event).message;
      numbers.push_back(*from_bytes<std::uint64_t>(message.body));
      CHECK(values_of(message.payloads[0])[0] == static_cast<float>(numbers.back()));
    }
    return {};
  });
  INFO(reading.message());
  CHECK(reading.ok());
  return numbers;
}

Journal opened(const Journal::Options& options, std::uint64_t after = 0) {
  auto journal = Journal::open(options, after, kNothing);
  INFO(journal.message());
  REQUIRE(journal.ok());
  return std::move(*journal);
}

std::vector<std::filesystem::path> segments(const std::filesystem::path& directory) {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    if (entry.path().extension() == ".log") paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

TEST_CASE("a journal gives back its inputs, what came with them and the notes") {
  const ScratchDirectory scratch;
  const Journal::Options options{scratch.path(), 5};
  Journal journal = opened(options);
  CHECK(*journal.append(timer(1), to_bytes(std::string("note"))) == 1);
  CHECK(*journal.append(arrival(2)) == 2);
  CHECK(*journal.append(request(3)) == 3);
  CHECK(*journal.append(samples(4)) == 4);
  REQUIRE(journal.commit().ok());
  CHECK(replayed(options) == std::vector<std::uint64_t>{1, 2, 3, 4});
  CHECK(replayed(options, 1) == std::vector<std::uint64_t>{2, 3, 4});
  std::string note;
  REQUIRE(Journal::read(options, 0, [&](const JournalRecord& record) {
            if (record.sequence == 1) note = *from_bytes<std::string>(record.note);
            return Status();
          }).ok());
  CHECK(note == "note");
}

TEST_CASE("what a job made that runs once is in its record, and what another made is not") {
  const ScratchDirectory scratch;
  const Journal::Options options{scratch.path(), 5};
  const Input done{SimTime(), role::JobFinished{4, {payload_of(8, {2.5f})}, {}}};
  {
    Journal journal = opened(options);
    REQUIRE(journal.append(done, {}, std::get<role::JobFinished>(done.event).outputs).ok());
    REQUIRE(journal.append(done).ok());
    REQUIRE(journal.commit().ok());
  }
  std::vector<std::string> faults;
  REQUIRE(Journal::read(options, 0, [&](const JournalRecord& record) {
            PayloadTable table;
            std::vector<role::PayloadRef> keep;
            const auto input = record.read(table, keep);
            faults.push_back(input.message());
            if (!input) return Status();
            const auto& outputs = std::get<role::JobFinished>(input.value().event).outputs;
            CHECK(values_of(outputs.at(0)) == std::vector<float>{2.5f});
            return Status();
          }).ok());
  CHECK(faults ==
        std::vector<std::string>{"", "record 2 of the journal does not fit the state before it"});
}

TEST_CASE(
    "every prefix of a journal replays exactly the records that are whole, and goes on from "
    "there") {
  const ScratchDirectory scratch;
  const Journal::Options options{scratch.path(), 5};
  std::vector<std::uint64_t> ends;  // file size after each record
  {
    Journal journal = opened(options);
    for (std::uint64_t i = 1; i <= 6; ++i) {
      REQUIRE(journal.append(i % 2 == 0 ? arrival(i) : timer(i)).ok());
      REQUIRE(journal.commit().ok());
      ends.push_back(std::filesystem::file_size(segments(scratch.path()).back()));
    }
  }
  const auto path = segments(scratch.path()).back();
  const ByteVector good = *read_file(path);
  for (std::size_t size = 0; size <= good.size(); ++size) {
    REQUIRE(write_durably(path, std::span(good).first(size)).ok());
    std::vector<std::uint64_t> whole;
    for (std::uint64_t i = 1; i <= 6 && ends[i - 1] <= size; ++i) whole.push_back(i);
    if (replayed(options) != whole) FAIL("cut at " << size);
    Journal journal = opened(options);
    REQUIRE(journal.append(timer(100)).ok());
    REQUIRE(journal.commit().ok());
    whole.push_back(100);
    if (replayed(options) != whole) FAIL("did not go on after a cut at " << size);
  }
}

TEST_CASE("a flipped bit ends the replay before its record") {
  const ScratchDirectory scratch;
  const Journal::Options options{scratch.path(), 5};
  {
    Journal journal = opened(options);
    for (std::uint64_t i = 1; i <= 3; ++i) REQUIRE(journal.append(arrival(i)).ok());
    REQUIRE(journal.commit().ok());
  }
  const auto path = segments(scratch.path()).back();
  const ByteVector good = *read_file(path);
  for (std::size_t bit = 0; bit < 8 * good.size(); ++bit) {
    ByteVector bad = good;
    bad[bit / 8] ^= std::byte(1 << bit % 8);
    REQUIRE(write_durably(path, bad).ok());
    const auto numbers = replayed(options);
    if (numbers.size() >= 3) FAIL("bit " << bit << " was not noticed");
    for (std::size_t i = 0; i < numbers.size(); ++i) CHECK(numbers[i] == i + 1);
  }
}

TEST_CASE("segments go once a checkpoint covers them, unless the run is recorded") {
  const ScratchDirectory scratch;
  Journal::Options options{scratch.path(), 5, 200};
  options.record = GENERATE(false, true);
  Journal journal = opened(options);
  for (std::uint64_t i = 1; i <= 20; ++i) {
    REQUIRE(journal.append(timer(i)).ok());
    REQUIRE(journal.commit().ok());
  }
  const std::size_t before = segments(scratch.path()).size();
  REQUIRE(before > 4);
  REQUIRE(journal.covered(10).ok());
  if (options.record) {
    CHECK(segments(scratch.path()).size() == before);
    CHECK(replayed(options).size() == 20);
  } else {
    CHECK(segments(scratch.path()).size() < before);
    CHECK(replayed(options, 10).size() == 10);
    CHECK_THAT(Journal::read(options, 0, kNothing).message(),
               Catch::Contains("but no checkpoint holds those before it"));
  }
}

TEST_CASE("a lost segment ends the replay and what follows is put aside") {
  const ScratchDirectory scratch;
  const Journal::Options options{scratch.path(), 5, 1};  // one record a segment
  {
    Journal journal = opened(options);
    for (std::uint64_t i = 1; i <= 4; ++i) {
      REQUIRE(journal.append(timer(i)).ok());
      REQUIRE(journal.commit().ok());
    }
  }
  std::filesystem::remove(segments(scratch.path())[1]);
  CHECK(replayed(options) == std::vector<std::uint64_t>{1});
  Journal journal = opened(options);
  CHECK_THAT(journal.reading().reason, Catch::Contains("does not follow record 1"));
  REQUIRE(journal.append(timer(50)).ok());
  REQUIRE(journal.commit().ok());
  CHECK(replayed(options) == std::vector<std::uint64_t>{1, 50});
}

TEST_CASE("a journal damaged before the checkpoint goes on behind it") {
  const ScratchDirectory scratch;
  const Journal::Options options{scratch.path(), 5};
  {
    Journal journal = opened(options);
    for (std::uint64_t i = 1; i <= 4; ++i) REQUIRE(journal.append(timer(i)).ok());
    REQUIRE(journal.commit().ok());
  }
  const auto path = segments(scratch.path()).back();
  std::filesystem::resize_file(path, std::filesystem::file_size(path) - 1);
  {
    Journal journal = opened(options, 10);
    CHECK(*journal.append(timer(11)) == 11);
    REQUIRE(journal.commit().ok());
  }
  CHECK(replayed(options, 10) == std::vector<std::uint64_t>{11});
}

TEST_CASE("a journal of another scenario is refused") {
  const ScratchDirectory scratch;
  (void)opened({scratch.path(), 5});
  CHECK_THAT(Journal::open({scratch.path(), 6}, 0, kNothing).message(),
             Catch::EndsWith(": belongs to another scenario"));
}

TEST_CASE("a process killed at any time has lost no committed input") {
  for (int round = 0; round < 20; ++round) {
    const ScratchDirectory scratch;
    const Journal::Options options{scratch.path(), 5, 4096};
    int pipe[2];
    REQUIRE(::pipe(pipe) == 0);
    const pid_t child = ::fork();
    if (child == 0) {
      auto journal = Journal::open(options, 0, kNothing);
      for (std::uint64_t i = 1;; ++i) {
        if (!journal->append(i % 3 == 0 ? arrival(i) : timer(i)).ok()) ::_exit(1);
        if (!journal->commit().ok()) ::_exit(1);
        if (::write(pipe[1], &i, sizeof i) != sizeof i) ::_exit(1);
      }
    }
    ::close(pipe[1]);
    std::uint64_t acknowledged = 0;
    const std::uint64_t enough = 5 + static_cast<std::uint64_t>(round) * 7;
    while (acknowledged < enough) {
      REQUIRE(::read(pipe[0], &acknowledged, sizeof acknowledged) == sizeof acknowledged);
    }
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    while (::read(pipe[0], &acknowledged, sizeof acknowledged) == sizeof acknowledged) {
    }
    ::close(pipe[0]);
    const auto numbers = replayed(options);
    CHECK(numbers.size() >= acknowledged);
    for (std::size_t i = 0; i < numbers.size(); ++i) CHECK(numbers[i] == i + 1);
  }
}

}  // namespace
}  // namespace skerry::host
