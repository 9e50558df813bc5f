#include "daemon/accounts/audit.hpp"

#include <gtest/gtest.h>

#include "tests/unit/daemon/scratch_database.hpp"

namespace rollcall::accounts {
namespace {

AuditEntry view_of(const std::string& subject, std::int64_t time_ms) {
  AuditEntry entry;
  entry.time_ms = time_ms;
  entry.actor = "s-1";
  entry.role = "desk";
  entry.action = "GET /api/v1/people";
  entry.subject = subject;
  entry.status = 200;
  return entry;
}

class AuditTest : public ::testing::Test {
 protected:
  testing::ScratchDatabase scratch_;
  store::Database db_{scratch_.path(), store::Database::Mode::read_write};
};

TEST_F(AuditTest, IsReadNewestFirstPageByPageAndBySubject) {
  for (int i = 1; i <= 5; ++i) record(db_, view_of(i % 2 == 0 ? "p-even" : "p-odd", i));
  const auto first = read_audit(db_, INT64_MAX, {}, 3);
  ASSERT_EQ(first.size(), 3u);
  EXPECT_EQ(first[0].entry.time_ms, 5);
  const auto second = read_audit(db_, first.back().id, {}, 3);
  ASSERT_EQ(second.size(), 2u);
  EXPECT_EQ(second[1].entry.time_ms, 1);
  EXPECT_EQ(read_audit(db_, INT64_MAX, {.subject = "p-even"}, 10).size(), 2u);
}

TEST_F(AuditTest, AChangeGetsItsEndOnce) {
  AuditEntry change = view_of("p-1", 1);
  change.status.reset();
  change.subject.reset();
  const std::int64_t id = record(db_, change);
  EXPECT_FALSE(read_audit(db_, INT64_MAX, {}, 1)[0].entry.status);
  finish(db_, id, 409, "p-1");
  const AuditRow row = read_audit(db_, INT64_MAX, {}, 1)[0];
  EXPECT_EQ(row.entry.status, 409);
  EXPECT_EQ(row.entry.subject, "p-1");
  EXPECT_THROW(finish(db_, id, 200, std::nullopt), store::StoreError);
}

TEST_F(AuditTest, NothingIsTakenOutOrRewritten) {
  record(db_, view_of("p-1", 1));
  EXPECT_THROW(db_.exec("DELETE FROM audit"), store::StoreError);
  EXPECT_THROW(db_.exec("UPDATE audit SET actor = 'somebody'"), store::StoreError);
}

}  // namespace
}  // namespace rollcall::accounts
