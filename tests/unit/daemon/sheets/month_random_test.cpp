// A month in which all is well raises nothing; one fault that is put into it is found, where it
// is, and nothing else is.
#include <cstdlib>
#include <functional>
#include <iostream>
#include <random>

#include <gmock/gmock.h>

#include "tests/unit/daemon/sheets/month_of.hpp"
#include "tests/unit/daemon/sheets/samples.hpp"

namespace rollcall::sheets {
namespace {

using testing::clean_month;
using testing::CleanMonth;
using enum FindingKind;

std::string said(const std::vector<Finding>& findings) {
  std::string out;
  for (const Finding& one : findings)
    out += std::string(name(one.kind)) + " " + in_words(one, "en") + "\n";
  return out;
}

class RandomMonths : public ::testing::Test {
 protected:
  RandomMonths() {
    const char* given = std::getenv("ROLLCALL_SEED");
    seed_ = given != nullptr ? static_cast<std::uint32_t>(std::strtoul(given, nullptr, 10))
                             : std::random_device{}();
    random_.seed(seed_);
    std::cout << "ROLLCALL_SEED=" << seed_ << "\n";
  }
  std::size_t below(std::size_t end) {
    return std::uniform_int_distribution<std::size_t>(0, end - 1)(random_);
  }
  Sheet& any_sheet(CleanMonth& month, const std::function<bool(const Sheet&)>& that) {
    while (true) {
      Sheet& sheet = month.sheets[below(month.sheets.size())];
      if (that(sheet)) return sheet;
    }
  }
  // A line that was signed.
  Line& any_signed(Sheet& sheet) {
    while (true) {
      Line& line = sheet.lines[below(sheet.lines.size())];
      if (std::holds_alternative<Signature>(line.closing)) return line;
    }
  }

  std::uint32_t seed_ = 0;
  std::mt19937 random_;
};

bool in_class(const Sheet& sheet) {
  return sheet.kind == Kind::room;
}

TEST_F(RandomMonths, InWhichAllIsWellRaiseNothing) {
  for (int i = 0; i < 20; ++i) {
    const CleanMonth month = clean_month(static_cast<std::uint32_t>(random_()));
    ASSERT_GT(month.sheets.size(), 90u);
    const auto found = check_month(month.month());
    ASSERT_TRUE(found.empty()) << said(found);
  }
}

TEST_F(RandomMonths, WithOneFaultRaiseThatFault) {
  struct Fault {
    FindingKind kind;
    // Puts it in; the sheets that must be named.
    std::function<std::vector<std::string>(CleanMonth&)> put;
  };
  const auto sign = [](Line& line) -> Signature& { return std::get<Signature>(line.closing); };
  const std::vector<Fault> faults{
      {one_signature_many_half_days,
       [&](CleanMonth& month) -> std::vector<std::string> {
         Sheet& one = any_sheet(month, in_class);
         Sheet& other =
             any_sheet(month, [&](const Sheet& s) { return in_class(s) && s.id != one.id; });
         sign(any_signed(other)).id = sign(any_signed(one)).id;
         return {one.id, other.id};
       }},
      {identical_drawings,
       [&](CleanMonth& month) -> std::vector<std::string> {
         Sheet& one = any_sheet(month, in_class);
         Sheet& other =
             any_sheet(month, [&](const Sheet& s) { return in_class(s) && s.id != one.id; });
         Drawing drawing = testing::scribble(static_cast<std::uint32_t>(random_()));
         sign(any_signed(one)).form = drawing;
         for (auto& stroke : drawing.strokes) {
           for (Point& point : stroke) point = {point.x * 0.7 + 0.2, point.y * 0.5 + 0.1};
         }
         sign(any_signed(other)).form = drawing;
         return {one.id, other.id};
       }},
      {half_day_on_holiday,
       [&](CleanMonth& month) -> std::vector<std::string> {
         Sheet& one = any_sheet(month, in_class);
         month.holidays =
             Calendar({{"x", "X", "", std::nullopt, {{"Local feast", Once{one.date}}}}});
         for (Sheet& other : month.sheets) {
           if (other.date != one.date || other.id == one.id) continue;
           for (Line& line : other.lines) line = Line{.person = line.person};
           other.trainer_signature.reset();
           other.end_ms = month.month().now_ms + 1;  // nobody signed, and nobody need
           other.start_ms = other.end_ms;
           other.kind = Kind::online;
           other.trainer.id = other.id;
         }
         return {one.id};
       }},
      {half_day_cancelled,
       [&](CleanMonth& month) -> std::vector<std::string> {
         Sheet& one = any_sheet(month, in_class);
         month.cancelled.push_back({one.session, one.date, one.part});
         return {one.id};
       }},
      {signed_before_end,
       [&](CleanMonth& month) -> std::vector<std::string> {
         Sheet& one = any_sheet(month, in_class);
         Line& line = any_signed(one);
         line.mark = Mark::present;
         sign(line).at_ms = one.end_ms - (6 + static_cast<std::int64_t>(below(100))) * 60'000;
         return {one.id};
       }},
      {planned_outside_hours,
       [&](CleanMonth& month) -> std::vector<std::string> {
         Sheet& one = any_sheet(month, [](const Sheet& s) { return s.session == "S-3"; });
         one.start_ms -= 60'000;
         return {one.id};
       }},
      {signed_outside_hours,
       [&](CleanMonth& month) -> std::vector<std::string> {
         Sheet& one = any_sheet(month, in_class);
         sign(any_signed(one)).at_ms = one.end_ms + 6 * 3'600'000LL;
         return {one.id};
       }},
      {trainer_in_two_rooms,
       [&](CleanMonth& month) -> std::vector<std::string> {
         Sheet& one = any_sheet(month, [](const Sheet& s) { return s.session == "S-1"; });
         Sheet& other = any_sheet(
             month, [&](const Sheet& s) { return s.session == "S-3" && s.date == one.date; });
         other.trainer = one.trainer;
         return {one.id, other.id};
       }},
      {title_differs,
       [&](CleanMonth& month) -> std::vector<std::string> {
         Sheet& one = any_sheet(month, in_class);
         one.title += " 2";
         return {one.id};
       }},
      {not_in_roster,
       [&](CleanMonth& month) -> std::vector<std::string> {
         Sheet& one = any_sheet(month, in_class);
         one.session = "S-99";
         return {one.id};
       }},
      {many_assisted,
       [&](CleanMonth& month) -> std::vector<std::string> {
         Sheet& one = any_sheet(month, in_class);
         for (Line& line : one.lines) {
           if (was_there(line.mark)) line.methods = {Method::card, Method::assisted};
         }
         return {one.id};
       }},
      {line_open,
       [&](CleanMonth& month) -> std::vector<std::string> {
         Sheet& one = any_sheet(month, in_class);
         any_signed(one).closing = Open{};
         return {one.id};
       }},
      {not_confirmed,
       [&](CleanMonth& month) -> std::vector<std::string> {
         Sheet& one = any_sheet(month, in_class);
         below(2) == 0 ? one.confirmed.reset() : one.trainer_signature.reset();
         return {one.id};
       }},
  };
  for (const Fault& fault : faults) {
    for (int i = 0; i < 3; ++i) {
      CleanMonth month = clean_month(static_cast<std::uint32_t>(random_()));
      const auto sheets = fault.put(month);
      const auto found = check_month(month.month());
      std::vector<std::string> named;
      for (const Finding& one : found) {
        EXPECT_EQ(one.kind, fault.kind) << said(found);
        named.push_back(one.sheet);
      }
      EXPECT_THAT(named, ::testing::UnorderedElementsAreArray(sheets)) << name(fault.kind) << "\n"
                                                                       << said(found);
    }
  }
}

}  // namespace
}  // namespace rollcall::sheets
