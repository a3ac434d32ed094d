#include "experiments/models/model_store.hpp"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <set>

#include "datasets/npz.hpp"
#include "experiments/models/model_projection.hpp"
#include "tests/catch.hpp"
#include "tests/experiments/models/made_up_models.hpp"
#include "tests/scenarios/host/scratch_directory.hpp"

namespace skerry::experiments {

namespace {

ModelStore opened(const std::filesystem::path& folder) {
  auto store = ModelStore::open(folder);
  REQUIRE(store.message() == "");
  return std::move(*store);
}

StoredModels stored(const std::filesystem::path& folder) {
  auto models = read_models(folder);
  REQUIRE(models.message() == "");
  return std::move(*models);
}

std::vector<role::ModelVersion> versions_in(const StoredModels& models) {
  std::vector<role::ModelVersion> versions;
  for (const auto& [version, sha256] : models.parameters) versions.push_back(version);
  return versions;
}

/// Names of the files of parameters that are there, and of those that a store names.
std::set<std::string> files_in(const std::filesystem::path& folder) {
  std::set<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder / "blobs")) {
    names.insert(entry.path().filename().string());
  }
  return names;
}
std::set<std::string> files_named(const StoredModels& models) {
  std::set<std::string> names;
  for (const auto& [version, sha256] : models.parameters) names.insert(sha256 + ".npz");
  return names;
}

/// The parameters of each model that the store has are there, and they are that model's.
void check_parameters(const StoredModels& models) {
  for (const auto& [version, sha256] : models.parameters) {
    const auto arrays = datasets::read_npz(models.file_of(version));
    REQUIRE(arrays.message() == "");
    CHECK(arrays->at("fc.bias").elements<float>()[1] == static_cast<float>(version));
  }
}

}  // namespace

TEST_CASE("a store holds what the registry of the role says") {
  const ScratchDirectory scratch;
  parts::ModelRegistry registry = made_up_registry();
  ModelStore store = opened(scratch / "models");
  REQUIRE(store.replace(registry.catalogue()));
  StoredModels models = stored(scratch / "models");
  CHECK(words_of(models.catalogue) == words_of(registry.catalogue()));
  CHECK(models.catalogue.revision == registry.catalogue().revision);
  CHECK(models.parameters.size() == 3);
  check_parameters(models);
  // What changes follows, and writing the same again changes nothing.
  make_model(registry);
  REQUIRE(registry.tag(2, "good"));
  registry.serves(NodeId::edge(0), 1, SimTime::at(Duration::seconds(40)));
  for (int times = 0; times < 2; ++times) {
    REQUIRE(store.update(registry.catalogue()));
    models = stored(scratch / "models");
    CHECK(words_of(models.catalogue) == words_of(registry.catalogue()));
  }
  CHECK(models.parameters.size() == 4);
}

TEST_CASE("a store is made anew from the role, whatever it held") {
  const ScratchDirectory scratch;
  parts::ModelRegistry longer(1), registry(1);
  for (int i = 0; i < 5; ++i) make_model(longer);
  for (int i = 0; i < 3; ++i) make_model(registry);
  REQUIRE(opened(scratch / "models").replace(longer.catalogue()));
  REQUIRE(opened(scratch / "models").replace(registry.catalogue()));
  const StoredModels models = stored(scratch / "models");
  CHECK(words_of(models.catalogue) == words_of(registry.catalogue()));
  CHECK(versions_in(models) == std::vector<role::ModelVersion>{3});
  check_parameters(models);
  CHECK(files_in(scratch / "models") == files_named(models));
}

TEST_CASE("a store has the parameters that the role has, and none besides") {
  const ScratchDirectory scratch;
  parts::ModelRegistry registry(1);
  ModelStore store = opened(scratch / "models");
  for (int i = 0; i < 12; ++i) {
    registry.deployed(make_model(registry));
    if (i == 1) registry.serves(NodeId::edge(0), 2, SimTime::at(Duration::seconds(2)));
    REQUIRE(store.update(registry.catalogue()));
    const StoredModels models = stored(scratch / "models");
    std::vector<role::ModelVersion> held;
    for (const auto& model : registry.all()) {
      if (model.model) held.push_back(model.version);
    }
    CHECK(versions_in(models) == held);
    check_parameters(models);
    CHECK(files_in(scratch / "models") == files_named(models));
    CHECK(held.size() <= 3);
  }
  CHECK(versions_in(stored(scratch / "models")) == std::vector<role::ModelVersion>{2, 11, 12});
}

TEST_CASE("parameters that two models have stay until both are forgotten") {
  const ScratchDirectory scratch;
  role::Catalogue known{.revision = 1, .models = {}, .serving = {}};
  for (const role::ModelVersion version : {1u, 2u}) {
    known.models.push_back(
        {.version = version, .hash = 7, .model = flat_model(1), .changed = known.revision});
  }
  ModelStore store = opened(scratch / "models");
  for (const std::size_t left : {2u, 1u, 0u}) {
    if (left < 2) known.models[left].model = {};
    ++known.revision;
    REQUIRE(store.update(known));
    CHECK(versions_in(stored(scratch / "models")).size() == left);
    CHECK(files_in(scratch / "models").size() == std::min<std::size_t>(left, 1));
  }
}

TEST_CASE("an operator's tag keeps the parameters of a model, until it is taken away") {
  const ScratchDirectory scratch;
  parts::ModelRegistry registry(1);
  const auto go_on = [&](ModelStore& store) {
    make_model(registry);
    REQUIRE(store.update(registry.catalogue()));
    return versions_in(stored(scratch / "models"));
  };
  {
    ModelStore store = opened(scratch / "models");
    CHECK(go_on(store) == std::vector<role::ModelVersion>{1});
    REQUIRE(registry.tag(1, "night"));
    CHECK(go_on(store) == std::vector<role::ModelVersion>{1, 2});
  }
  ModelStore store = opened(scratch / "models");
  REQUIRE(store.replace(registry.catalogue()));
  registry.answered(1, 5);
  CHECK(go_on(store) == std::vector<role::ModelVersion>{1, 3});
  check_parameters(stored(scratch / "models"));
  REQUIRE(registry.tag(2, "late"));  // its parameters are gone
  CHECK(go_on(store) == std::vector<role::ModelVersion>{1, 4});
  REQUIRE(registry.untag(1, "night"));
  CHECK(go_on(store) == std::vector<role::ModelVersion>{5});
  CHECK(files_in(scratch / "models").size() == 1);
}

TEST_CASE("nobody is told of parameters that are not there") {
  const ScratchDirectory scratch;
  parts::ModelRegistry registry(1);
  make_model(registry);
  REQUIRE(registry.tag(1, "night"));
  REQUIRE(opened(scratch / "models").replace(registry.catalogue()));
  make_model(registry);
  std::filesystem::remove(stored(scratch / "models").file_of(1));
  REQUIRE(opened(scratch / "models").replace(registry.catalogue()));
  CHECK(versions_in(stored(scratch / "models")) == std::vector<role::ModelVersion>{2});
}

TEST_CASE("only the store that was opened last may write") {
  const ScratchDirectory scratch;
  parts::ModelRegistry registry = made_up_registry();
  ModelStore dead = opened(scratch / "models");
  REQUIRE(dead.replace(registry.catalogue()));
  ModelStore alive = opened(scratch / "models");
  REQUIRE(alive.replace(registry.catalogue()));
  const std::string before = words_of(registry.catalogue());
  make_model(registry);
  CHECK_THAT(dead.update(registry.catalogue()).message(),
             Catch::EndsWith("registry.sqlite: another process writes it now"));
  CHECK(words_of(stored(scratch / "models").catalogue) == before);
  CHECK(alive.update(registry.catalogue()));
  // Nor may another one remove a file.
  role::Catalogue nothing_held = registry.catalogue();
  for (auto& model : nothing_held.models) model.model = {};
  ++nothing_held.revision;
  CHECK_FALSE(dead.update(nothing_held));
  CHECK(files_in(scratch / "models") == files_named(stored(scratch / "models")));
  CHECK(files_in(scratch / "models").size() == 4);
}

TEST_CASE("a damaged store is set aside, and one of another version is refused") {
  const ScratchDirectory scratch;
  const std::filesystem::path folder = scratch / "models";
  std::filesystem::create_directory(folder);
  std::ofstream(folder / kModelsFile) << "no database, but long enough to look like something\n";
  CHECK_THAT(read_models(folder).message(),
             Catch::EndsWith("registry.sqlite: file is not a database"));
  const parts::ModelRegistry registry = made_up_registry();
  REQUIRE(opened(folder).replace(registry.catalogue()));
  CHECK(std::filesystem::exists(folder / "registry.sqlite.damaged"));
  CHECK(words_of(stored(folder).catalogue) == words_of(registry.catalogue()));
  Database(folder / kModelsFile, Database::Mode::kWrite).run("PRAGMA user_version = 9");
  CHECK_THAT(ModelStore::open(folder).message(), Catch::Contains("another version of Skerry"));
  CHECK_THAT(read_models(folder).message(), Catch::Contains("another version of Skerry"));
}

namespace {

constexpr int kModels = 6;

/// Makes models one after the other and writes the store after each. Says so down the pipe.
[[noreturn]] void write_all(const std::filesystem::path& folder, int pipe) {
  parts::ModelRegistry registry(1);
  auto store = ModelStore::open(folder);
  for (int i = 0; i < kModels && store; ++i) {
    registry.deployed(make_model(registry));
    if (!store->update(registry.catalogue()) || write(pipe, "x", 1) != 1) _exit(1);
  }
  _exit(0);
}

/// Kills a process that does write_all(), some time after it has written that many models.
void kill_after(int models, useconds_t later, const std::filesystem::path& folder) {
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) write_all(folder, ends[1]);
  char byte = 0;
  for (int i = 0; i < models; ++i) REQUIRE(read(ends[0], &byte, 1) == 1);
  usleep(later);
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  close(ends[0]);
  close(ends[1]);
}

}  // namespace

TEST_CASE("a kill at any moment leaves a store that was right, and it is brought up to date") {
  const ScratchDirectory scratch;
  parts::ModelRegistry registry(1);
  for (int i = 0; i < kModels; ++i) registry.deployed(make_model(registry));
  for (int times = 0; times < 10; ++times) {
    const int written = times % 5;
    const auto folder = scratch.path() / std::to_string(times);
    kill_after(written, static_cast<useconds_t>(times) * 400, folder);
    INFO("killed " << times * 0.4 << " ms after model " << written << " was written");
    const auto found = read_models(folder);
    if (written > 0) REQUIRE(found.message() == "");
    if (found) {
      const auto& models = found->catalogue.models;
      CHECK(models.size() >= static_cast<std::size_t>(written));
      CHECK(found->parameters.size() == std::min<std::size_t>(models.size(), 2));
      const auto newest = static_cast<role::ModelVersion>(models.size());
      CHECK((models.empty() || found->parameters.contains(newest)));
      check_parameters(*found);
      for (const auto& model : models) {
        CHECK(model.tags.contains(model.version == models.size() ? "deployed" : "retired"));
        CHECK(model.metrics.contains("accuracy"));
      }
    }
    REQUIRE(opened(folder).replace(registry.catalogue()));
    const StoredModels after = stored(folder);
    CHECK(words_of(after.catalogue) == words_of(registry.catalogue()));
    check_parameters(after);
    CHECK(files_in(folder) == files_named(after));
  }
}

TEST_CASE("a projection writes a new model at once, and all else by the end") {
  const ScratchDirectory scratch;
  std::vector<std::string> complaints;
  ModelProjection projection(scratch / "models",
                             [&](const std::string& line) { complaints.push_back(line); });
  parts::ModelRegistry registry;
  projection.look(registry.catalogue());
  CHECK_FALSE(holds_models(scratch / "models"));  // a run without models leaves nothing
  registry.deployed(make_model(registry));
  projection.look(registry.catalogue());
  CHECK(stored(scratch / "models").catalogue.models.size() == 1);
  make_model(registry);
  projection.look(registry.catalogue());
  CHECK(words_of(stored(scratch / "models").catalogue) == words_of(registry.catalogue()));
  registry.answered(1, 5);
  projection.look(registry.catalogue());
  CHECK(stored(scratch / "models").catalogue.models[0].answers == 0);  // not yet
  projection.finish(registry.catalogue());
  CHECK(stored(scratch / "models").catalogue.models[0].answers == 5);
  // A run that begins again from an earlier state is written anew.
  parts::ModelRegistry earlier;
  make_model(earlier);
  projection.begin(false);
  projection.look(earlier.catalogue());
  CHECK(words_of(stored(scratch / "models").catalogue) == words_of(earlier.catalogue()));
  projection.begin(true);
  CHECK_FALSE(holds_models(scratch / "models"));
  CHECK(complaints.empty());
}

TEST_CASE("a run whose role keeps no account of models leaves its final one") {
  const ScratchDirectory scratch;
  ModelProjection projection(scratch / "models", [](const std::string&) {});
  host::RunRecord record;
  record.result = flat_model(1).payload();
  record.numerics = "native-1";
  record.data_hash = 42;
  record.ended = SimTime::at(Duration::seconds(7));
  record.declared.metrics = {
      {.name = "test/accuracy", .better = role::Better::kHigher, .headline = true}};
  record.metrics = {{"test/accuracy", NodeId::cloud(), record.ended, 3, 0.9}};
  projection.end(record);
  const StoredModels models = stored(scratch / "models");
  REQUIRE(models.catalogue.models.size() == 1);
  const role::CataloguedModel& last = models.catalogue.models[0];
  CHECK(last.tags == std::set<std::string>{"final"});
  CHECK(last.metrics == std::map<std::string, double>{{"test/accuracy", 0.9}});
  CHECK(last.data_hash == 42);
  CHECK(last.made == record.ended);
  check_parameters(models);
}

TEST_CASE("a projection that cannot write says so once") {
  const ScratchDirectory scratch;
  std::ofstream(scratch / "models") << "a file";
  std::vector<std::string> complaints;
  ModelProjection projection(scratch / "models",
                             [&](const std::string& line) { complaints.push_back(line); });
  parts::ModelRegistry registry;
  for (int i = 0; i < 3; ++i) {
    make_model(registry);
    projection.look(registry.catalogue());
  }
  REQUIRE(complaints.size() == 1);
  CHECK_THAT(complaints[0], Catch::Contains("models/blobs: cannot make the directory"));
}

}  // namespace skerry::experiments
