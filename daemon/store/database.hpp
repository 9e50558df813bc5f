// A thin, typed hold on SQLite. Errors are exceptions (StoreError): in this daemon a failing
// statement means a bug or a dead disk, and ends at one boundary, the writer or the reader pool.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

struct sqlite3;
struct sqlite3_stmt;

namespace rollcall::store {

class StoreError : public std::runtime_error {
 public:
  StoreError(int code, const std::string& what) : std::runtime_error(what), code_(code) {}
  int code() const { return code_; }  // SQLite result code
  bool disk_full() const;
  bool constraint() const;

 private:
  int code_;
};

using Blob = std::vector<std::uint8_t>;

// A prepared statement in use. Binding is positional, from 1; columns count from 0.
class Statement {
 public:
  explicit Statement(sqlite3_stmt* handle) : handle_(handle) {}
  ~Statement();  // resets, so that no read stays open and starves checkpoints
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;
  Statement(Statement&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}

  template <class... Values>
  Statement& bind(const Values&... values) {
    int index = 0;
    (bind_one(++index, values), ...);
    return *this;
  }

  bool step();  // true: a row is there
  void run();   // steps to the end

  std::int64_t integer(int column) const;
  double real(int column) const;
  std::string text(int column) const;
  std::string_view text_view(int column) const;  // valid until the next step
  Blob blob(int column) const;
  bool is_null(int column) const;
  std::optional<std::string> optional_text(int column) const;
  template <std::size_t N>
  std::array<std::uint8_t, N> fixed(int column) const {
    std::array<std::uint8_t, N> out{};
    copy_fixed(column, out);
    return out;
  }

 private:
  void bind_one(int index, std::nullptr_t);
  void bind_one(int index, std::int64_t value);
  void bind_one(int index, int value) { bind_one(index, std::int64_t{value}); }
  void bind_one(int index, unsigned value) { bind_one(index, std::int64_t{value}); }
  void bind_one(int index, std::uint64_t value) {
    bind_one(index, static_cast<std::int64_t>(value));
  }
  void bind_one(int index, bool value) { bind_one(index, std::int64_t{value}); }
  void bind_one(int index, double value);
  void bind_one(int index, std::string_view value);
  void bind_one(int index, const std::string& value) { bind_one(index, std::string_view{value}); }
  void bind_one(int index, const char* value) { bind_one(index, std::string_view{value}); }
  void bind_one(int index, std::span<const std::uint8_t> value);
  void bind_one(int index, const Blob& value) {
    bind_one(index, std::span<const std::uint8_t>{value});
  }
  template <std::size_t N>
  void bind_one(int index, const std::array<std::uint8_t, N>& value) {
    bind_one(index, std::span<const std::uint8_t>{value});
  }
  template <class T>
  void bind_one(int index, const std::optional<T>& value) {
    if (value) {
      bind_one(index, *value);
    } else {
      bind_one(index, nullptr);
    }
  }
  void copy_fixed(int column, std::span<std::uint8_t> out) const;

  sqlite3_stmt* handle_;
};

class Database {
 public:
  enum class Mode { read_write, query_only };

  // Opens (and for read_write creates) the file with WAL, synchronous=FULL, foreign keys on.
  Database(const std::string& path, Mode mode);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  void exec(const std::string& sql);
  // Prepared once per text and cached. Two uses of one text must not overlap.
  Statement prepare(std::string_view sql);
  int changes() const;
  sqlite3* handle() const { return handle_; }

 private:
  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>{}(text);
    }
  };

  sqlite3* handle_ = nullptr;
  std::unordered_map<std::string, sqlite3_stmt*, TextHash, std::equal_to<>> cache_;
};

// Brings the schema to the newest version, one transaction per migration. Throws when the file was
// written by a newer program.
void migrate(Database& database);
int newest_schema_version();

}  // namespace rollcall::store
