#include "tests/unit/daemon/sheets/samples.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <random>

namespace rollcall::sheets::testing {
namespace {

constexpr std::array names{
    "Amina El Idrissi",
    "Benoît Vandenbroucke",
    "Καλλιόπη Παπαδοπούλου",
    "محمد عبد الرحمن الخطيب",
    "Олександра Шевченко",
    "Jean-Christophe-Emmanuel de Montmorency-Luxembourg",
    "ሰላማዊት ገብረእግዚአብሔር",
    "Nguyễn Thị Hồng Nhung",
    "فاطمه حسینی",
    "Sørine Ångström",
    "Abdoulaye Diallo",
    "Żaneta Włoszczowska",
    "Wolfeschlegelsteinhausenbergerdorffwelchevoralternwaren",
    "p-83kd",
};

}  // namespace

std::int64_t winter(Date date, int hour, int minute) {
  const auto day = std::chrono::sys_days{date}.time_since_epoch();
  return std::chrono::milliseconds(day).count() + (hour - 1) * 3'600'000LL + minute * 60'000LL;
}

std::string uuid(unsigned number) {
  char text[40];
  std::snprintf(text, sizeof text, "0195570a-6c00-7000-8000-%012u", number);
  return text;
}

Drawing scribble(std::uint32_t seed) {
  std::mt19937 random(seed);
  const auto part = [&](double least, double most) {
    return std::uniform_real_distribution<double>(least, most)(random);
  };
  Drawing out;
  std::vector<Point> stroke;
  const double loops = part(4, 9);
  const double tilt = part(-0.15, 0.15);
  const double phase = part(0, 6);
  for (double t = 0; t <= 1; t += 0.008) {
    const double swing = std::sin(t * loops * 6.28 + phase) * (0.34 - 0.22 * t);
    const double x = 0.06 + 0.8 * t + 0.05 * std::cos(t * loops * 6.28 + phase);
    stroke.push_back({x, 0.5 + swing + tilt * (t - 0.5) + part(-0.01, 0.01)});
  }
  out.strokes.push_back(stroke);
  const double height = part(0.75, 0.92);
  out.strokes.push_back({{0.2, height}, {0.6, height - 0.05}, {0.95, height - 0.02}});
  out.strokes.push_back({{0.9, 0.2}});
  return out;
}

Sheet morning(Date date, int people, std::uint32_t seed) {
  Sheet out;
  out.id = uuid(static_cast<unsigned>(date.day()));
  out.organisation = "Tremplin asbl";
  out.site = "Centre de Bruxelles";
  out.time_zone = "Europe/Brussels";
  out.session = "S-START-AM";
  out.course = "DIG-START";
  out.title = "First steps with a computer";
  out.room = "Room Senne";
  out.date = date;
  out.start_ms = winter(date, 9, 0);
  out.end_ms = winter(date, 12, 30);
  out.programme = "bilan";
  out.grant = "RRF-BXL-2024-117";
  out.trainer = {"p-g99t", "Claire Lemmens"};
  out.confirmed = Confirmation{out.trainer, winter(date, 12, 33)};
  out.trainer_signature = Signature{uuid(900 + seed), winter(date, 12, 34), scribble(seed * 7919)};
  for (int i = 0; i < people; ++i) {
    const auto number = static_cast<unsigned>(i);
    Line line;
    line.person = {"p-" + std::to_string(1000 + i), names[number % names.size()]};
    line.mark = Mark::present;
    line.arrived = Moment{winter(date, 8, 48 + i % 12)};
    line.left = Moment{winter(date, 12, 31 + i % 7)};
    line.minutes = 210;
    line.methods = {Method::card};
    line.rests_on = {uuid(10'000 + 2 * number), uuid(10'001 + 2 * number)};
    line.closing = Signature{uuid(seed * 1'000'000 + number), winter(date, 12, 31 + i % 7),
                             scribble(seed * 1000 + number)};
    out.lines.push_back(line);
  }
  return out;
}

Sheet eventful(int people) {
  Sheet out = morning(monday, people);
  out.version = 2;
  out.replaces = uuid(7);
  out.contract = "C-2026-014";
  const Person desk{"p-desk", "Koen Peeters"};
  const auto at = [&](int hour, int minute) { return winter(monday, hour, minute); };
  const auto line = [&](int i) -> Line& { return out.lines[static_cast<std::size_t>(i % people)]; };
  line(1).mark = Mark::late;
  line(1).arrived = Moment{at(9, 25), Moment::Span{at(9, 10), at(9, 40)}};
  line(1).minutes = 185;
  line(2).closing = Signature{uuid(50), at(12, 36), ByCard{}};
  line(3).closing = Signature{uuid(51), at(12, 37),
                              Witnessed{desk, "has a hand in plaster and cannot hold a pen"}};
  line(3).methods = {Method::card, Method::assisted};
  line(4).mark = Mark::left_early;
  line(4).left = Moment{at(11, 20)};
  line(4).minutes = 140;
  line(4).closing = NotSigned{WhyNot::left_early, "medical appointment"};
  line(5).methods = {Method::assisted};
  line(6) = Line{.person = line(6).person, .mark = Mark::excused};
  line(6).closing = NotSigned{WhyNot::absent, "certificate of illness on file"};
  line(7) = Line{.person = line(7).person, .mark = Mark::absent};
  line(7).closing = NotSigned{WhyNot::absent, ""};
  line(8).left = std::nullopt;
  line(8).no_exit_tap = true;
  line(8).methods = {Method::code};
  line(9).closing = NotSigned{WhyNot::refused, "disputes the time of arrival"};
  line(10).closing = Open{};
  line(11).closing = Signature{uuid(52), winter(days_after(monday, 1), 9, 2), scribble(77)};
  out.withdrawn = {{line(11).person, at(12, 35), at(12, 50), out.trainer,
                    "Signed the morning instead of the afternoon."}};
  out.corrections = {{at(14, 5), desk, line(4).person, "left", "no exit tap", "11:20",
                      "Seen leaving by the trainer."}};
  return out;
}

}  // namespace rollcall::sheets::testing
