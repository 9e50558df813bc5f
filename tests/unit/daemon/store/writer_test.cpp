#include "daemon/store/writer.hpp"

#include <future>

#include <gtest/gtest.h>

#include "tests/unit/daemon/scratch_database.hpp"

namespace rollcall::store {
namespace {

using testing::ScratchDatabase;

std::int64_t count_meta(const std::string& path) {
  Database reader(path, Database::Mode::query_only);
  auto count = reader.prepare("SELECT count(*) FROM meta");
  count.step();
  return count.integer(0);
}

Writer::Job put(std::string key) {
  return [key = std::move(key)](Database& db) {
    db.prepare("INSERT INTO meta (key, value) VALUES (?, 'x')").bind(key).run();
  };
}

TEST(Writer, CompletionIsToldOnlyWhenAnotherConnectionSeesTheRow) {
  ScratchDatabase scratch;
  Writer writer(scratch.path());
  std::promise<std::int64_t> seen;
  ASSERT_TRUE(writer.submit(put("a"), [&](Committed result, const std::string&) {
    EXPECT_EQ(result, Committed::yes);
    seen.set_value(count_meta(scratch.path()));
  }));
  EXPECT_EQ(seen.get_future().get(), 1);
}

TEST(Writer, ABadJobFailsAloneInsideItsGroup) {
  ScratchDatabase scratch;
  std::vector<Committed> results(3);
  {
    Writer writer(scratch.path());
    writer.submit(put("a"), [&](Committed r, const std::string&) { results[0] = r; });
    writer.submit(
        [](Database& db) {
          db.prepare("INSERT INTO meta (key, value) VALUES ('half', 'x')").run();
          db.prepare("INSERT INTO meta (key, value) VALUES ('half', 'again')").run();
        },
        [&](Committed r, const std::string& error) {
          results[1] = r;
          EXPECT_NE(error.find("UNIQUE"), std::string::npos) << error;
        });
    writer.submit(put("b"), [&](Committed r, const std::string&) { results[2] = r; });
  }
  EXPECT_EQ(results, (std::vector{Committed::yes, Committed::refused, Committed::yes}));
  EXPECT_EQ(count_meta(scratch.path()), 2);
}

TEST(Writer, AFullDiskFailsTheWholeGroupAndSaysSo) {
  ScratchDatabase scratch;
  Writer writer(scratch.path());
  bool dropped = false;
  writer.on_failed_commit([&] { dropped = true; });
  writer.run_now([](Database& db) {
    auto pages = db.prepare("PRAGMA page_count");
    pages.step();
    db.exec("PRAGMA max_page_count = " + std::to_string(pages.integer(0) + 2));
  });
  std::promise<Committed> result;
  writer.submit(
      [](Database& db) {
        db.prepare("INSERT INTO meta (key, value) VALUES ('big', ?)")
            .bind(std::string(1 << 20, 'x'))
            .run();
      },
      [&](Committed r, const std::string&) { result.set_value(r); });
  EXPECT_EQ(result.get_future().get(), Committed::failed);
  EXPECT_TRUE(dropped);
  // The writer goes on: a small job fits.
  EXPECT_NO_THROW(writer.run_now(put("small")));
  EXPECT_EQ(count_meta(scratch.path()), 1);
}

TEST(Writer, RunNowRethrowsWhatTheJobThrew) {
  ScratchDatabase scratch;
  Writer writer(scratch.path());
  EXPECT_THROW(writer.run_now([](Database&) { throw std::invalid_argument("no"); }),
               std::invalid_argument);
  EXPECT_NO_THROW(writer.run_now(put("after")));
}

TEST(Writer, DestructionCommitsWhatWasQueued) {
  ScratchDatabase scratch;
  {
    Writer writer(scratch.path());
    for (int i = 0; i < 1000; ++i) ASSERT_TRUE(writer.submit(put(std::to_string(i)), nullptr));
  }
  EXPECT_EQ(count_meta(scratch.path()), 1000);
}

}  // namespace
}  // namespace rollcall::store
