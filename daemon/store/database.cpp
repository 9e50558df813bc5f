#include "daemon/store/database.hpp"

#include <cstring>

#include <sqlite3.h>

namespace rollcall::store {
namespace {

[[noreturn]] void fail(sqlite3* db, const std::string& doing) {
  const int code = db ? sqlite3_extended_errcode(db) : SQLITE_NOMEM;
  throw StoreError(code, doing + ": " + (db ? sqlite3_errmsg(db) : "out of memory"));
}

// Primary codes stand in the low byte of extended ones.
int primary(int code) {
  return code & 0xff;
}

}  // namespace

bool StoreError::disk_full() const {
  return primary(code_) == SQLITE_FULL;
}
bool StoreError::constraint() const {
  return primary(code_) == SQLITE_CONSTRAINT;
}

Statement::~Statement() {
  if (!handle_) return;
  sqlite3_reset(handle_);
  sqlite3_clear_bindings(handle_);
}

bool Statement::step() {
  const int code = sqlite3_step(handle_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  fail(sqlite3_db_handle(handle_), sqlite3_sql(handle_));
}

void Statement::run() {
  while (step()) {
  }
}

std::int64_t Statement::integer(int column) const {
  return sqlite3_column_int64(handle_, column);
}
double Statement::real(int column) const {
  return sqlite3_column_double(handle_, column);
}
std::string Statement::text(int column) const {
  return std::string(text_view(column));
}

std::string_view Statement::text_view(int column) const {
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(handle_, column));
  return {text ? text : "", static_cast<std::size_t>(sqlite3_column_bytes(handle_, column))};
}

Blob Statement::blob(int column) const {
  const auto* data = static_cast<const std::uint8_t*>(sqlite3_column_blob(handle_, column));
  return data ? Blob(data, data + sqlite3_column_bytes(handle_, column)) : Blob{};
}

bool Statement::is_null(int column) const {
  return sqlite3_column_type(handle_, column) == SQLITE_NULL;
}

std::optional<std::string> Statement::optional_text(int column) const {
  if (is_null(column)) return std::nullopt;
  return text(column);
}

void Statement::copy_fixed(int column, std::span<std::uint8_t> out) const {
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(handle_, column));
  if (size != out.size()) {
    throw StoreError(SQLITE_MISMATCH, "a stored value has " + std::to_string(size) +
                                          " bytes instead of " + std::to_string(out.size()));
  }
  std::memcpy(out.data(), sqlite3_column_blob(handle_, column), size);
}

namespace {
void check_bind(sqlite3_stmt* handle, int code) {
  if (code != SQLITE_OK) fail(sqlite3_db_handle(handle), "bind");
}
}  // namespace

void Statement::bind_one(int index, std::nullptr_t) {
  check_bind(handle_, sqlite3_bind_null(handle_, index));
}
void Statement::bind_one(int index, std::int64_t value) {
  check_bind(handle_, sqlite3_bind_int64(handle_, index, value));
}
void Statement::bind_one(int index, double value) {
  check_bind(handle_, sqlite3_bind_double(handle_, index, value));
}
void Statement::bind_one(int index, std::string_view value) {
  // A null pointer would bind NULL; an empty text is a value.
  check_bind(handle_, sqlite3_bind_text(handle_, index, value.data() ? value.data() : "",
                                        static_cast<int>(value.size()), SQLITE_TRANSIENT));
}
void Statement::bind_one(int index, std::span<const std::uint8_t> value) {
  const void* data = value.empty() ? static_cast<const void*>("") : value.data();
  check_bind(handle_, sqlite3_bind_blob(handle_, index, data, static_cast<int>(value.size()),
                                        SQLITE_TRANSIENT));
}

Database::Database(const std::string& path, Mode mode) {
  const bool write = mode == Mode::read_write;
  const int flags = (write ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY) |
                    SQLITE_OPEN_NOMUTEX;
  if (sqlite3_open_v2(path.c_str(), &handle_, flags, nullptr) != SQLITE_OK) {
    const std::string text = handle_ ? sqlite3_errmsg(handle_) : "out of memory";
    const int code = handle_ ? sqlite3_extended_errcode(handle_) : SQLITE_NOMEM;
    sqlite3_close(handle_);
    throw StoreError(code, "cannot open " + path + ": " + text);
  }
  try {
    sqlite3_extended_result_codes(handle_, 1);
    sqlite3_busy_timeout(handle_, 5000);
    if (write) {
      exec("PRAGMA journal_mode = WAL");
      exec("PRAGMA synchronous = FULL");
      exec("PRAGMA foreign_keys = ON");
      exec("PRAGMA journal_size_limit = 67108864");
      exec("PRAGMA cache_size = -8192");
    } else {
      exec("PRAGMA query_only = ON");
      exec("PRAGMA cache_size = -2048");
    }
  } catch (...) {
    sqlite3_close(handle_);
    throw;
  }
}

Database::~Database() {
  for (auto& [sql, statement] : cache_) sqlite3_finalize(statement);
  sqlite3_close(handle_);
}

void Database::exec(const std::string& sql) {
  if (sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
    fail(handle_, sql.substr(0, 80));
}

Statement Database::prepare(std::string_view sql) {
  auto found = cache_.find(sql);
  if (found != cache_.end() && !sqlite3_stmt_busy(found->second)) return Statement(found->second);
  if (found != cache_.end()) {
    throw StoreError(SQLITE_MISUSE,
                     "a statement is used inside its own loop: " + std::string(sql.substr(0, 80)));
  }
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v3(handle_, sql.data(), static_cast<int>(sql.size()),
                         SQLITE_PREPARE_PERSISTENT, &statement, nullptr) != SQLITE_OK) {
    fail(handle_, std::string(sql));
  }
  cache_.emplace(std::string(sql), statement);
  return Statement(statement);
}

int Database::changes() const {
  return sqlite3_changes(handle_);
}

}  // namespace rollcall::store
