#include "experiments/models/model_store.hpp"

#include <algorithm>
#include <set>

#include "algorithms/sdk/printable.hpp"
#include "experiments/results/manifest.hpp"
#include "experiments/results/model_file.hpp"
#include "scenarios/host/durable_file.hpp"

namespace skerry::experiments {

namespace fs = std::filesystem;

namespace {

constexpr const char* kBlobs = "blobs";
constexpr std::int64_t kVersion = 1;  // of the tables

constexpr const char* kTables = R"(
CREATE TABLE registry (one INTEGER PRIMARY KEY CHECK (one = 1), writer INTEGER NOT NULL,
                       revision INTEGER NOT NULL);
INSERT INTO registry VALUES (1, 0, 0);
CREATE TABLE models (version INTEGER PRIMARY KEY, hash TEXT NOT NULL, numerics TEXT NOT NULL,
                     trained_on TEXT NOT NULL, data_hash TEXT, samples INTEGER,
                     made_ns INTEGER NOT NULL, answers INTEGER NOT NULL, sha256 TEXT);
CREATE TABLE parents (version INTEGER, place INTEGER, parent INTEGER NOT NULL,
                      PRIMARY KEY (version, place)) WITHOUT ROWID;
CREATE TABLE metrics (version INTEGER, name TEXT, value REAL,
                      PRIMARY KEY (version, name)) WITHOUT ROWID;
CREATE TABLE tags (version INTEGER, tag TEXT, PRIMARY KEY (version, tag)) WITHOUT ROWID;
CREATE TABLE serving (node TEXT PRIMARY KEY, version INTEGER NOT NULL, since_ns INTEGER NOT NULL,
                      before INTEGER) WITHOUT ROWID;
CREATE VIEW data AS SELECT data_hash AS hash, trained_on AS words, samples,
                           min(version) AS first, count(*) AS models
                    FROM models GROUP BY data_hash, trained_on, samples;
PRAGMA user_version = 1;
)";

fs::path blob(const fs::path& folder, const std::string& sha256) {
  return folder / kBlobs / (sha256 + ".npz");
}

/// Whether nobody needs the parameters of a model any more.
bool is_forgotten(const role::CataloguedModel& model) {
  return !model.model && std::ranges::all_of(model.tags, role::says_what_became);
}

Failure of_another_version(const fs::path& file) {
  return wrong_input(file.string() + ": was written by another version of Skerry");
}

}  // namespace

Result<ModelStore> ModelStore::open(const fs::path& folder) {
  if (const Status made = host::make_directory(folder / kBlobs); !made) return made.failure();
  const fs::path file = folder / kModelsFile;
  auto database = std::make_unique<Database>(file, Database::Mode::kWrite);
  if (database->damaged()) {
    database.reset();
    fs::path aside = file;
    std::error_code error;
    fs::rename(file, aside += ".damaged", error);
    if (error) return Failure{file.string() + ": is damaged and cannot be set aside"};
    database = std::make_unique<Database>(file, Database::Mode::kWrite);
  }
  ModelStore store(folder, std::move(database));
  if (const Status taken = store.take_over(); !taken) return taken.failure();
  return store;
}

/// Makes the tables if there are none, and becomes the one that may write.
Status ModelStore::take_over() {
  Transaction all(*database_, true);
  const std::int64_t version = database_->number("PRAGMA user_version");
  if (version == 0) database_->run(kTables);
  if (database_->status() && version != 0 && version != kVersion) {
    return of_another_version(folder_ / kModelsFile);
  }
  database_->run("UPDATE registry SET writer = writer + 1");
  writer_ = database_->number("SELECT writer FROM registry");
  return all.commit();
}

Status ModelStore::replace(const role::Catalogue& known) {
  kept_.clear();
  return write(known, 0, true);
}

Status ModelStore::update(const role::Catalogue& known) {
  return known.revision == revision_ ? Status() : write(known, revision_, false);
}

/// Rows that changed after `since`; if `all`, every row, and none besides.
Status ModelStore::write(const role::Catalogue& known, std::uint64_t since, bool all) {
  const auto changed = [&](const auto& row) { return all || row.changed > since; };
  for (const role::CataloguedModel& model : known.models) {
    if (!changed(model) || !model.model || kept_.contains(model.version)) continue;
    if (const Status kept = keep_parameters(model); !kept) return kept;
  }
  Transaction change(*database_, true);
  Statement mine(*database_,
                 "UPDATE registry SET revision = ? WHERE writer = ? AND (? OR revision < ?)");
  mine << known.revision << writer_ << std::int64_t{all} << known.revision;
  mine.run();
  if (database_->status() && database_->changes() != 1) {
    return Failure{(folder_ / kModelsFile).string() + ": another process writes it now"};
  }
  if (all) {
    Statement more(*database_, "DELETE FROM models WHERE version > ?");
    more << std::int64_t{std::ssize(known.models)};
    more.run();
    database_->run(
        "DELETE FROM parents; DELETE FROM metrics; DELETE FROM tags; "
        "DELETE FROM serving");
  }
  const bool forgotten = forget_parameters(known);
  for (const role::CataloguedModel& model : known.models) {
    if (!changed(model)) continue;
    write_model_row(model);
    write_lists(model);
  }
  Statement serves(*database_, "INSERT OR REPLACE INTO serving VALUES (?, ?, ?, ?)");
  for (const auto& [node, served] : known.serving) {
    if (!changed(served)) continue;
    serves << to_string(node) << std::int64_t{served.version} << served.since.count();
    served.before == 0 ? serves << nullptr : serves << std::int64_t{served.before};
    serves.run();
  }
  if (all) forget_lost_parameters();
  if (const Status done = change.commit(); !done) return done;
  revision_ = known.revision;
  return forgotten || all ? remove_unnamed() : Status();
}

/// Takes their parameters from the rows of forgotten models. Returns whether there were any.
bool ModelStore::forget_parameters(const role::Catalogue& known) {
  Statement forget(*database_, "UPDATE models SET sha256 = NULL WHERE version = ?");
  return std::erase_if(kept_, [&](const auto& kept) {
           if (!is_forgotten(*known.find(kept.first))) return false;
           forget << std::int64_t{kept.first};
           forget.run();
           return true;
         }) > 0;
}

/// Removes the files that no row names. Nobody else may write meanwhile: a process that took the
/// store over may be about to name one of them. What cannot be removed stays until the next time.
Status ModelStore::remove_unnamed() {
  constexpr std::size_t kDigits = 64;  // of a SHA-256
  const Transaction nobody_writes(*database_, true);
  const bool mine = database_->number("SELECT writer FROM registry") == writer_;
  if (!database_->status() || !mine) return database_->status();
  std::set<std::string> named;
  Statement rows(*database_, "SELECT sha256 FROM models WHERE sha256 IS NOT NULL");
  while (rows.next()) named.insert(rows.text(0) + ".npz");
  if (!database_->status()) return database_->status();
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder_ / kBlobs, ignored)) {
    const std::string name = entry.path().filename().string();
    const bool ours = name.find_first_not_of("0123456789abcdef") == kDigits;
    if (ours && !named.contains(name)) fs::remove(entry.path(), ignored);
  }
  return {};
}

/// Makes the parameters of a model durable, unless they are there already.
Status ModelStore::keep_parameters(const role::CataloguedModel& model) {
  const Payload payload = model.model.payload();
  const Record& record = payload.at("model");
  const std::string name = sha256(record.bytes());
  const fs::path file = blob(folder_, name);
  std::error_code error;
  if (!fs::exists(file, error)) {
    if (const Status written = write_model(file, record); !written) return written;
  }
  kept_[model.version] = name;
  return {};
}

void ModelStore::write_model_row(const role::CataloguedModel& model) {
  Statement row(*database_, R"(
      INSERT INTO models VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
      ON CONFLICT (version) DO UPDATE SET
        sha256 = coalesce(excluded.sha256, CASE WHEN ?10 AND hash = excluded.hash THEN sha256 END),
        hash = excluded.hash, numerics = excluded.numerics, trained_on = excluded.trained_on,
        data_hash = excluded.data_hash, samples = excluded.samples, made_ns = excluded.made_ns,
        answers = excluded.answers)");
  row << std::int64_t{model.version} << hex16(model.hash) << model.numerics << model.trained_on;
  model.data_hash == 0 ? row << nullptr : row << hex16(model.data_hash);
  model.samples == 0 ? row << nullptr : row << model.samples;
  row << model.made.count() << model.answers;
  const auto kept = kept_.find(model.version);
  kept == kept_.end() ? row << nullptr : row << kept->second;
  row << std::int64_t{!is_forgotten(model)};
  row.run();
}

void ModelStore::write_lists(const role::CataloguedModel& model) {
  const std::int64_t version = model.version;
  for (const char* text :
       {"DELETE FROM parents WHERE version = ?", "DELETE FROM metrics WHERE version = ?",
        "DELETE FROM tags WHERE version = ?"}) {
    Statement gone(*database_, text);
    gone << version;
    gone.run();
  }
  Statement parent(*database_, "INSERT INTO parents VALUES (?, ?, ?)");
  for (std::size_t i = 0; i < model.parents.size(); ++i) {
    parent << version << std::uint64_t{i} << std::int64_t{model.parents[i]};
    parent.run();
  }
  Statement metric(*database_, "INSERT INTO metrics VALUES (?, ?, ?)");
  for (const auto& [name, value] : model.metrics) {
    metric << version << name << value;
    metric.run();
  }
  Statement tag(*database_, "INSERT INTO tags VALUES (?, ?)");
  for (const std::string& one : model.tags) {
    tag << version << one;
    tag.run();
  }
}

/// Rows of an earlier process may name files that somebody has removed.
void ModelStore::forget_lost_parameters() {
  std::vector<std::string> lost;
  {
    Statement named(*database_, "SELECT DISTINCT sha256 FROM models WHERE sha256 IS NOT NULL");
    std::error_code error;
    while (named.next()) {
      if (!fs::exists(blob(folder_, named.text(0)), error)) lost.push_back(named.text(0));
    }
  }
  Statement forget(*database_, "UPDATE models SET sha256 = NULL WHERE sha256 = ?");
  for (const std::string& name : lost) {
    forget << name;
    forget.run();
  }
}

fs::path StoredModels::file_of(role::ModelVersion version) const {
  const auto found = parameters.find(version);
  return found == parameters.end() ? fs::path() : blob(folder, found->second);
}

Result<role::ModelVersion> StoredModels::named(const std::string& which) const {
  if (which.size() >= 8) {
    for (auto one = parameters.rbegin(); one != parameters.rend(); ++one) {
      if (one->second.starts_with(which)) return one->first;
    }
  }
  return catalogue.named(which);
}

namespace {

void read_rows(Database& database, StoredModels& into) {
  std::vector<role::CataloguedModel>& models = into.catalogue.models;
  Statement rows(database,
                 "SELECT version, hash, numerics, trained_on, data_hash, samples, made_ns, "
                 "answers, sha256 FROM models ORDER BY version");
  while (rows.next()) {
    role::CataloguedModel model;
    model.version = static_cast<role::ModelVersion>(rows.number(0));
    model.hash = parse_hex16(rows.text(1)).value_or(0);
    model.numerics = rows.text(2);
    model.trained_on = rows.text(3);
    model.data_hash = parse_hex16(rows.text(4)).value_or(0);
    model.samples = static_cast<std::uint64_t>(rows.number(5));
    model.made = SimTime::at(Duration::nanoseconds(rows.number(6)));
    model.answers = static_cast<std::uint64_t>(rows.number(7));
    if (!rows.is_null(8)) into.parameters[model.version] = rows.text(8);
    models.push_back(std::move(model));
  }
  const auto of = [&models](const Statement& row) {
    const auto place = static_cast<std::size_t>(row.number(0)) - 1;
    return place < models.size() ? &models[place] : nullptr;
  };
  Statement parents(database, "SELECT version, parent FROM parents ORDER BY version, place");
  while (parents.next()) {
    if (auto* model = of(parents)) {
      model->parents.push_back(static_cast<role::ModelVersion>(parents.number(1)));
    }
  }
  Statement metrics(database, "SELECT version, name, value FROM metrics");
  while (metrics.next()) {
    if (auto* model = of(metrics)) model->metrics[metrics.text(1)] = metrics.real(2);
  }
  Statement tags(database, "SELECT version, tag FROM tags");
  while (tags.next()) {
    if (auto* model = of(tags)) model->tags.insert(tags.text(1));
  }
  Statement serving(database, "SELECT node, version, since_ns, before FROM serving");
  while (serving.next()) {
    const auto node = parse_node(serving.text(0));
    if (!node) continue;
    into.catalogue.serving[*node] = {static_cast<role::ModelVersion>(serving.number(1)),
                                     SimTime::at(Duration::nanoseconds(serving.number(2))),
                                     static_cast<role::ModelVersion>(serving.number(3))};
  }
}

}  // namespace

Result<StoredModels> read_models(const fs::path& folder) {
  const fs::path file = folder / kModelsFile;
  Database database(file, Database::Mode::kRead);
  StoredModels models{.folder = folder};
  {
    Transaction one_state(database, false);
    const std::int64_t version = database.number("PRAGMA user_version");
    if (database.status() && version == 0) {
      return wrong_input(file.string() + ": holds no models yet");
    }
    if (database.status() && version != kVersion) return of_another_version(file);
    models.catalogue.revision =
        static_cast<std::uint64_t>(database.number("SELECT revision FROM registry"));
    read_rows(database, models);
  }
  if (!database.status()) return database.status().failure();
  return models;
}

bool holds_models(const fs::path& folder) {
  std::error_code error;
  return fs::exists(folder / kModelsFile, error);
}

}  // namespace skerry::experiments
