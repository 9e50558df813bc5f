#include "daemon/accounts/accounts.hpp"

#include <future>
#include <thread>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_future.hpp>
#include <gmock/gmock.h>

#include "daemon/accounts/audit.hpp"
#include "tests/unit/daemon/scratch_database.hpp"

namespace rollcall::accounts {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using Kind = Refusal::Kind;
namespace asio = boost::asio;

const Origin office{"192.0.2.1", false};
constexpr const char* good = "three calm words";
constexpr const char* better = "four very calm words";

class AccountsTest : public ::testing::Test {
 protected:
  AccountsTest() { open(); }
  ~AccountsTest() override {
    work_.reset();
    thread_.join();
    writer_.reset();
    pool_.join();
  }

  void open() {
    writer_ = std::make_unique<store::Writer>(database_.path());
    accounts_ =
        std::make_unique<Accounts>(io_.get_executor(), pool_, *writer_,
                                   Accounts::Clocks{[this] { return wall_ms_.load(); },
                                                    [this] { return Moment{now_.load()}; }});
    writer_->run_now([this](store::Database& db) { accounts_->load(db); });
  }

  void restart() {
    on_reactor([this] { accounts_.reset(); });
    writer_.reset();
    open();
  }

  void on_reactor(const std::function<void()>& what) {
    std::promise<void> done;
    asio::post(io_, [&] {
      what();
      done.set_value();
    });
    done.get_future().wait();
  }

  template <class T>
  T wait(asio::awaitable<T> work) {
    return asio::co_spawn(io_, std::move(work), asio::use_future).get();
  }

  std::optional<Visitor> visitor(const std::string& secret) {
    std::optional<Visitor> found;
    on_reactor([&] { found = accounts_->visitor(secret); });
    return found;
  }

  void pass(std::chrono::seconds time) {
    now_ = now_.load() + time;
    wall_ms_ += std::chrono::milliseconds{time}.count();
  }

  std::string make_manager() {
    const auto link = wait(accounts_->make_link());
    return wait(accounts_->make_first_manager(link.value(), "sophie", good)).value().secret;
  }

  // A trainer, with a password; the PIN.
  std::string make_ann() {
    writer_->run_now([](store::Database& db) {
      db.exec("INSERT INTO person (id, role, display_name) VALUES ('s-1', 'trainer', 'Ann')");
    });
    wait(accounts_->add({"ann", Role::trainer, "s-1", good})).value();
    return wait(accounts_->reset_pin("ann")).value().secret;
  }

  std::vector<AuditRow> audit() {
    std::vector<AuditRow> rows;
    writer_->run_now([&](store::Database& db) { rows = read_audit(db, INT64_MAX, {}, 100); });
    return rows;
  }

  testing::ScratchDatabase database_;
  std::atomic<std::int64_t> wall_ms_{1772436600000};
  std::atomic<std::chrono::steady_clock::duration> now_{100h};
  asio::io_context io_{1};
  asio::executor_work_guard<asio::io_context::executor_type> work_{io_.get_executor()};
  asio::thread_pool pool_{2};
  std::unique_ptr<store::Writer> writer_;
  std::unique_ptr<Accounts> accounts_;
  std::thread thread_{[this] { io_.run(); }};
};

TEST_F(AccountsTest, TheFirstManagerIsMadeByALinkThatWorksOnce) {
  EXPECT_TRUE(accounts_->needs_manager());
  const std::string link = wait(accounts_->make_link()).value();
  const auto weak = wait(accounts_->make_first_manager(link, "sophie", "short"));
  EXPECT_EQ(weak.error().kind, Kind::bad);
  const auto made = wait(accounts_->make_first_manager(link, "sophie", good));
  ASSERT_TRUE(made) << made.error().text;
  EXPECT_EQ(made->visitor.role, Role::manager);
  EXPECT_TRUE(visitor(made->secret));
  EXPECT_FALSE(accounts_->needs_manager());
  EXPECT_EQ(wait(accounts_->make_first_manager(link, "other", good)).error().kind, Kind::wrong);
  EXPECT_EQ(wait(accounts_->make_link()).error().kind, Kind::conflict);
}

TEST_F(AccountsTest, ALinkEndsAfterADayAndANewOneEndsTheOneBefore) {
  const std::string first = wait(accounts_->make_link()).value();
  const std::string second = wait(accounts_->make_link()).value();
  EXPECT_EQ(wait(accounts_->make_first_manager(first, "sophie", good)).error().kind, Kind::wrong);
  pass(24h);
  EXPECT_EQ(wait(accounts_->make_first_manager(second, "sophie", good)).error().kind, Kind::wrong);
  EXPECT_TRUE(accounts_->needs_manager());
}

TEST_F(AccountsTest, NoSecretRestsInTheDatabase) {
  const std::string link = wait(accounts_->make_link()).value();
  const std::string secret = make_manager();
  std::string all;
  writer_->run_now([&](store::Database& db) {
    auto row = db.prepare(
        "SELECT group_concat(hex(digest)) FROM (SELECT digest FROM sign_in UNION ALL SELECT digest "
        "FROM one_time_link)");
    row.step();
    all = row.text(0);
    auto stored = db.prepare("SELECT password FROM account");
    stored.step();
    all += stored.text(0);
  });
  EXPECT_THAT(all, HasSubstr("$argon2id$"));
  EXPECT_THAT(all, ::testing::Not(HasSubstr(good)));
  EXPECT_THAT(all, ::testing::Not(HasSubstr(secret)));
  EXPECT_THAT(all, ::testing::Not(HasSubstr(link)));
}

TEST_F(AccountsTest, AnUnknownNameAndAWrongPasswordAreAnsweredAlike) {
  make_manager();
  const auto wrong = wait(accounts_->sign_in("sophie", better, office));
  const auto unknown = wait(accounts_->sign_in("nobody", better, office));
  ASSERT_FALSE(wrong);
  ASSERT_FALSE(unknown);
  EXPECT_EQ(wrong.error().kind, Kind::wrong);
  EXPECT_EQ(unknown.error().kind, wrong.error().kind);
  EXPECT_EQ(unknown.error().text, wrong.error().text);
}

// The quickest of several each: the machine may be busy, but never helps.
TEST_F(AccountsTest, AnUnknownNameTakesAsLongAsAWrongPassword) {
  make_manager();
  const auto quickest = [this](const std::string& name) {
    auto best = std::chrono::steady_clock::duration::max();
    for (int i = 0; i < 4; ++i) {
      const auto start = std::chrono::steady_clock::now();
      EXPECT_FALSE(wait(accounts_->sign_in(name, better, {"192.0.2." + std::to_string(i), false})));
      best = std::min(best, std::chrono::steady_clock::now() - start);
      pass(120s);
    }
    return best;
  };
  const auto known = quickest("sophie");
  const auto unknown = quickest("nobody");
  EXPECT_LT(known, unknown * 3);
  EXPECT_LT(unknown, known * 3);
}

TEST_F(AccountsTest, ASessionLastsOverARestartButNotOverItsTime) {
  const std::string secret = make_manager();
  pass(20min);
  on_reactor([&] { accounts_->touch(secret); });
  pass(20min);
  restart();
  EXPECT_TRUE(visitor(secret));
  pass(31min);
  restart();
  EXPECT_FALSE(visitor(secret));
}

TEST_F(AccountsTest, SignedOutIsSignedOut) {
  const std::string secret = make_manager();
  asio::co_spawn(io_, accounts_->sign_out(secret), asio::use_future).get();
  EXPECT_FALSE(visitor(secret));
  restart();
  EXPECT_FALSE(visitor(secret));
}

TEST_F(AccountsTest, ANewPasswordEndsEverySessionOfTheAccount) {
  const std::string first = make_manager();
  const std::string second = wait(accounts_->sign_in("sophie", good, office)).value().secret;
  EXPECT_EQ(wait(accounts_->change_own_password(first, better, better, office)).error().kind,
            Kind::conflict);
  const auto changed = wait(accounts_->change_own_password(first, good, better, office));
  ASSERT_TRUE(changed) << changed.error().text;
  EXPECT_FALSE(visitor(first));
  EXPECT_FALSE(visitor(second));
  EXPECT_TRUE(visitor(changed->secret));
  EXPECT_FALSE(wait(accounts_->sign_in("sophie", good, office)));
  EXPECT_TRUE(wait(accounts_->sign_in("sophie", better, office)));
  restart();
  EXPECT_FALSE(visitor(second));
}

TEST_F(AccountsTest, ADisabledAccountIsOutAtOnceAndComesBackWithItsPassword) {
  make_manager();
  const auto desk = wait(accounts_->add({"desk1", Role::desk, std::nullopt, good})).value();
  EXPECT_EQ(desk.secret, good);
  const std::string secret = wait(accounts_->sign_in("desk1", good, office)).value().secret;
  EXPECT_TRUE(wait(accounts_->enable("desk1", false)));
  EXPECT_FALSE(visitor(secret));
  const auto refused = wait(accounts_->sign_in("desk1", good, office));
  EXPECT_EQ(refused.error().kind, Kind::wrong);
  EXPECT_TRUE(wait(accounts_->enable("desk1", true)));
  EXPECT_FALSE(visitor(secret)) << "an old session is not the way back";
  EXPECT_TRUE(wait(accounts_->sign_in("desk1", good, office)));
}

TEST_F(AccountsTest, AChangedRoleCountsForOpenSessions) {
  make_manager();
  wait(accounts_->add({"desk1", Role::desk, std::nullopt, good})).value();
  const std::string secret = wait(accounts_->sign_in("desk1", good, office)).value().secret;
  wait(accounts_->change_role("desk1", Role::viewer, std::nullopt)).value();
  EXPECT_EQ(visitor(secret)->role, Role::viewer);
}

TEST_F(AccountsTest, TheLastManagerStays) {
  make_manager();
  EXPECT_EQ(wait(accounts_->enable("sophie", false)).error().kind, Kind::conflict);
  EXPECT_EQ(wait(accounts_->change_role("sophie", Role::desk, std::nullopt)).error().kind,
            Kind::conflict);
  wait(accounts_->add({"second", Role::manager, std::nullopt, good})).value();
  EXPECT_TRUE(wait(accounts_->enable("sophie", false)));
  EXPECT_EQ(wait(accounts_->enable("second", false)).error().kind, Kind::conflict);
}

TEST_F(AccountsTest, WhoActsIsAPseudonymNeverAName) {
  writer_->run_now([](store::Database& db) {
    db.exec(
        "INSERT INTO person (id, role, display_name) VALUES ('s-1', 'trainer', 'Ann'), ('p-1', "
        "'participant', 'Bo')");
  });
  make_manager();
  const auto anonymous = wait(accounts_->add({"anonymous", Role::desk, std::nullopt, ""})).value();
  EXPECT_TRUE(anonymous.account.actor().starts_with("account:"));
  EXPECT_EQ(anonymous.secret.size(), 19u);
  EXPECT_EQ(wait(accounts_->add({"ann", Role::trainer, "s-1", ""})).value().account.actor(), "s-1");
  EXPECT_EQ(wait(accounts_->add({"bo", Role::trainer, "p-1", ""})).error().kind, Kind::conflict);
  EXPECT_EQ(wait(accounts_->add({"ann", Role::desk, std::nullopt, ""})).error().kind,
            Kind::conflict);
  EXPECT_EQ(wait(accounts_->add({"Ann", Role::desk, std::nullopt, ""})).error().kind, Kind::bad);
  EXPECT_EQ(wait(accounts_->reset_password("nobody")).error().kind, Kind::unknown);
}

TEST_F(AccountsTest, AResetPasswordIsNewAndTheOldOneEnds) {
  make_manager();
  wait(accounts_->add({"desk1", Role::desk, std::nullopt, good})).value();
  const std::string fresh = wait(accounts_->reset_password("desk1")).value().secret;
  EXPECT_FALSE(wait(accounts_->sign_in("desk1", good, office)));
  EXPECT_TRUE(wait(accounts_->sign_in("desk1", fresh, office)));
}

TEST_F(AccountsTest, APinThatIsTakenAwayWhileItIsVerifiedLetsNobodyIn) {
  make_manager();
  const std::string pin = make_ann();
  EXPECT_EQ(wait(accounts_->check_pin("ann", pin, office)).value().person, "s-1");
  EXPECT_EQ(wait(accounts_->check_pin("ann", good, office)).error().kind, Kind::wrong);
  EXPECT_FALSE(wait(accounts_->sign_in("ann", pin, office))) << "a PIN is no password";

  std::vector<std::future<Result<SignedIn>>> before;  // verified one after the other
  for (int i = 0; i < 5; ++i) {
    const Origin from{"198.51.100." + std::to_string(i), false};
    before.push_back(
        asio::co_spawn(io_, accounts_->sign_in("nobody", good, from), asio::use_future));
  }
  const Origin home{"192.0.2.7", false};
  auto checked = asio::co_spawn(io_, accounts_->check_pin("ann", pin, home), asio::use_future);
  ASSERT_TRUE(wait(accounts_->remove_pin("ann")));
  EXPECT_EQ(checked.get().error().kind, Kind::wrong);
  for (auto& one : before) EXPECT_FALSE(one.get());
}

TEST_F(AccountsTest, ARightPinWithoutTheCardMakesNoRoomForMoreGuesses) {
  make_manager();
  const std::string pin = make_ann();
  for (unsigned i = 0; i < Attempts::free_for_account; ++i)
    EXPECT_EQ(wait(accounts_->sign_in("ann", better, office)).error().kind, Kind::wrong);
  EXPECT_TRUE(wait(accounts_->check_pin("ann", pin, office)));
  EXPECT_EQ(wait(accounts_->sign_in("ann", better, office)).error().kind, Kind::wait);
}

TEST_F(AccountsTest, AnOldPasswordThatIsVerifiedDuringAResetEndsWithIt) {
  make_manager();
  wait(accounts_->add({"desk1", Role::desk, std::nullopt, good})).value();
  auto reset = asio::co_spawn(io_, accounts_->reset_password("desk1"), asio::use_future);
  auto entered = asio::co_spawn(io_, accounts_->sign_in("desk1", good, office), asio::use_future);
  ASSERT_TRUE(reset.get());
  const Result<SignedIn> old = entered.get();
  EXPECT_TRUE(!old || !visitor(old->secret));
}

TEST_F(AccountsTest, AnOldPasswordCannotUndoAReset) {
  make_manager();
  wait(accounts_->add({"desk1", Role::desk, std::nullopt, good})).value();
  const std::string secret = wait(accounts_->sign_in("desk1", good, office)).value().secret;
  auto own = asio::co_spawn(io_, accounts_->change_own_password(secret, good, better, office),
                            asio::use_future);
  auto reset = asio::co_spawn(io_, accounts_->reset_password("desk1"), asio::use_future);
  const std::string fresh = reset.get().value().secret;
  own.get();
  EXPECT_FALSE(wait(accounts_->sign_in("desk1", good, office)));
  EXPECT_TRUE(wait(accounts_->sign_in("desk1", fresh, office)));
}

TEST_F(AccountsTest, WrongPasswordsCostTimeAndNobodyLooksMeanwhile) {
  make_manager();
  for (int i = 0; i < 4; ++i)
    EXPECT_EQ(wait(accounts_->sign_in("sophie", better, office)).error().kind, Kind::wrong);
  const auto waits = wait(accounts_->sign_in("sophie", good, office));
  ASSERT_FALSE(waits);
  EXPECT_EQ(waits.error().kind, Kind::wait);
  EXPECT_GE(waits.error().seconds, 1s);
  pass(waits.error().seconds);
  EXPECT_TRUE(wait(accounts_->sign_in("sophie", good, office)));
}

TEST_F(AccountsTest, TooManyAtOnceAreToldSoInsteadOfWaitingForever) {
  make_manager();
  std::vector<std::future<Result<SignedIn>>> all;
  for (int i = 0; i < 3 * Accounts::most_waiting; ++i) {
    const Origin from{"198.51.100." + std::to_string(i), false};
    all.push_back(asio::co_spawn(io_, accounts_->sign_in("name" + std::to_string(i), good, from),
                                 asio::use_future));
  }
  int busy = 0;
  for (auto& one : all) busy += one.get().error().kind == Kind::busy;
  EXPECT_GT(busy, 0);
  EXPECT_LT(busy, 3 * Accounts::most_waiting);
  EXPECT_TRUE(wait(accounts_->sign_in("sophie", good, office)));
}

TEST_F(AccountsTest, SigningInAndWrongPasswordsOfAccountsAreOnRecord) {
  make_manager();
  wait(accounts_->sign_in("sophie", better, office)).error();
  wait(accounts_->sign_in("nobody", better, office)).error();
  wait(accounts_->sign_in("sophie", good, office)).value();
  const auto rows = audit();
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_EQ(rows[0].entry.status, 200);
  EXPECT_EQ(rows[0].name, "sophie");
  EXPECT_EQ(rows[1].entry.status, 401);
  EXPECT_EQ(rows[1].entry.actor, "192.0.2.1");
  EXPECT_EQ(rows[1].entry.subject, rows[0].entry.account);
}

}  // namespace
}  // namespace rollcall::accounts
