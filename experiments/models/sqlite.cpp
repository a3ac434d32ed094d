#include "experiments/models/sqlite.hpp"

#include <sqlite3.h>

#include <limits>

namespace skerry::experiments {

namespace {
constexpr int kPatienceMs = 5000;
}

void Database::Close::operator()(sqlite3* database) const { sqlite3_close_v2(database); }
void Statement::Finalize::operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }

Database::Database(const std::filesystem::path& path, Mode mode) : path_(path) {
  const auto open = [&](int flags) {
    sqlite3* database = nullptr;
    const int code = sqlite3_open_v2(path.c_str(), &database, flags, nullptr);
    database_.reset(database);
    return code;
  };
  int code = open(SQLITE_OPEN_READWRITE | (mode == Mode::kWrite ? SQLITE_OPEN_CREATE : 0));
  if (code != SQLITE_OK && mode == Mode::kRead) code = open(SQLITE_OPEN_READONLY);
  note(code);
  if (!status_) return;
  sqlite3_busy_timeout(database_.get(), kPatienceMs);
  number("PRAGMA schema_version");  // reads the file's head
}

void Database::note(int code) {
  if (!status_ || code == SQLITE_OK || code == SQLITE_DONE || code == SQLITE_ROW) return;
  const int kind = code & 0xff;
  damaged_ = kind == SQLITE_NOTADB || kind == SQLITE_CORRUPT;
  status_ = Failure{path_.string() + ": " +
                    (database_ ? sqlite3_errmsg(database_.get()) : sqlite3_errstr(code))};
}

void Database::run(const char* statements) {
  if (status_) note(sqlite3_exec(database_.get(), statements, nullptr, nullptr, nullptr));
}

std::int64_t Database::number(const char* statement) {
  Statement one(*this, statement);
  return one.next() ? one.number(0) : 0;
}

std::int64_t Database::changes() const { return sqlite3_changes(database_.get()); }

Statement::Statement(Database& database, const char* text) : database_(database) {
  if (!database.status_) return;
  sqlite3_stmt* statement = nullptr;
  database.note(sqlite3_prepare_v2(database.database_.get(), text, -1, &statement, nullptr));
  statement_.reset(statement);
}

void Statement::bound(int code) { database_.note(code); }

Statement& Statement::operator<<(std::string_view text) {
  if (database_.status_) {
    bound(sqlite3_bind_text(statement_.get(), ++parameter_, text.data(),
                            static_cast<int>(text.size()), SQLITE_TRANSIENT));
  }
  return *this;
}

Statement& Statement::operator<<(std::uint64_t number) {
  return *this << static_cast<std::int64_t>(number);
}

Statement& Statement::operator<<(std::int64_t number) {
  if (database_.status_) bound(sqlite3_bind_int64(statement_.get(), ++parameter_, number));
  return *this;
}

Statement& Statement::operator<<(double number) {
  if (database_.status_) bound(sqlite3_bind_double(statement_.get(), ++parameter_, number));
  return *this;
}

Statement& Statement::operator<<(std::nullptr_t) {
  if (database_.status_) bound(sqlite3_bind_null(statement_.get(), ++parameter_));
  return *this;
}

void Statement::run() {
  while (next()) continue;
  if (!database_.status_) return;
  sqlite3_reset(statement_.get());
  parameter_ = 0;
}

bool Statement::next() {
  if (!database_.status_) return false;
  const int code = sqlite3_step(statement_.get());
  database_.note(code);
  return code == SQLITE_ROW;
}

bool Statement::is_null(int column) const {
  return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL;
}

std::string Statement::text(int column) const {
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement_.get(), column));
  const int size = sqlite3_column_bytes(statement_.get(), column);
  return text == nullptr ? std::string() : std::string(text, static_cast<std::size_t>(size));
}

std::int64_t Statement::number(int column) const {
  return sqlite3_column_int64(statement_.get(), column);
}

double Statement::real(int column) const {
  if (is_null(column)) return std::numeric_limits<double>::quiet_NaN();
  return sqlite3_column_double(statement_.get(), column);
}

Transaction::Transaction(Database& database, bool writes) : database_(database) {
  database.run(writes ? "BEGIN IMMEDIATE" : "BEGIN");
  open_ = database.status().ok();
}

Transaction::~Transaction() {
  if (open_) sqlite3_exec(database_.database_.get(), "ROLLBACK", nullptr, nullptr, nullptr);
}

Status Transaction::commit() {
  database_.run("COMMIT");
  if (database_.status()) open_ = false;
  return database_.status();
}

}  // namespace skerry::experiments
