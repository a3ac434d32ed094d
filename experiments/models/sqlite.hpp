#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "algorithms/sdk/result.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace skerry::experiments {

/// A SQLite file. The first failure stays: afterwards nothing is read or written any more, and
/// status() says why. Used by one thread.
class Database {
 public:
  enum class Mode : std::uint8_t { kRead, kWrite };
  /// With kWrite the file is made if it is missing. kRead needs no right to write, unless a process
  /// that wrote was killed in a transaction. Waits up to five seconds for other processes, each
  /// time.
  /// Errors are in status(): the file cannot be opened, or is no database.
  Database(const std::filesystem::path& path, Mode mode);

  const Status& status() const { return status_; }
  /// Whether the failure says that the file's content is of no use.
  bool damaged() const { return damaged_; }
  /// Statements without parameters and rows.
  void run(const char* statements);
  /// A statement's one number; 0 where it gives none.
  std::int64_t number(const char* statement);
  /// Rows that the last statement changed.
  std::int64_t changes() const;

 private:
  friend class Statement;
  friend class Transaction;
  struct Close {
    void operator()(sqlite3* database) const;
  };
  void note(int code);

  std::filesystem::path path_;
  std::unique_ptr<sqlite3, Close> database_;
  Status status_;
  bool damaged_ = false;
};

/// One statement: give its parameters in order, then run() it or read its rows. The database
/// outlives it.
class Statement {
 public:
  Statement(Database& database, const char* text);

  Statement& operator<<(std::string_view text);
  Statement& operator<<(std::uint64_t number);  // up to 2^63
  Statement& operator<<(std::int64_t number);
  Statement& operator<<(double number);  // NaN is stored as null
  Statement& operator<<(std::nullptr_t);
  /// Runs it to its end; it can then be given parameters again.
  void run();
  /// The next row; false after the last one, or after a failure.
  bool next();

  // Columns of the row.
  bool is_null(int column) const;
  std::string text(int column) const;
  std::int64_t number(int column) const;
  double real(int column) const;  // NaN for null

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };
  void bound(int code);

  Database& database_;
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
  int parameter_ = 0;
};

/// Everything until commit() happens at once or not at all. Without it nothing has happened.
class Transaction {
 public:
  /// Takes the right to write, if `writes`; what is read is one state of the file.
  Transaction(Database& database, bool writes);
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  /// Durable if it succeeds.
  Status commit();

 private:
  Database& database_;
  bool open_;
};

}  // namespace skerry::experiments
