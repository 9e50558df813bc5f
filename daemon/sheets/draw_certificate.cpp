#include <algorithm>
#include <chrono>
#include <numeric>

#include "daemon/events/event.hpp"
#include "daemon/sheets/draw.hpp"
#include "daemon/sheets/pieces.hpp"
#include "daemon/sheets/table.hpp"

namespace rollcall::sheets {
namespace {

constexpr double first_top = 116;
constexpr double figure_height = 62;
constexpr double signature_height = 120;
constexpr double least_row = 13;

std::int64_t midnight_ms(Date date) {
  return std::chrono::milliseconds(std::chrono::sys_days{date}.time_since_epoch()).count();
}

class CertificateDrawing {
 public:
  CertificateDrawing(const Certificate& certificate, std::string_view language)
      : certificate_(certificate),
        words_(language, "UTC"),
        paper_({.title = words_(Text::certificate) + ", " + certificate.title,
                .language = words_.language(),
                .organisation = certificate.organisation,
                .made_ms = midnight_ms(certificate.issued)}) {}

  std::string run() {
    const Style centred{.size = 11, .grey = 0.2, .align = Align::centre};
    add_text(flow_, paper_, certificate_.organisation,
             {.size = 11, .bold = true, .align = Align::centre}, 30);
    add_text(flow_, paper_, words_(Text::certificate),
             {.size = 26, .bold = true, .align = Align::centre}, 26);
    add_text(flow_, paper_, words_(Text::certifies, {certificate_.organisation}), centred, 8);
    add_text(flow_, paper_, certificate_.person.shown,
             {.size = 20, .bold = true, .align = Align::centre}, 8);
    if (certificate_.person.shown == certificate_.person.id) add_place_for_name();
    add_text(flow_, paper_, words_(Text::attended), centred, 8);
    add_modules();
    if (!certificate_.half_days.empty()) add_text(flow_, paper_, period(), centred, 24);
    add_figures();
    add_facts(flow_, paper_,
              {{words_(Text::course), certificate_.course},
               {words_(Text::site), certificate_.site},
               {words_(Text::programme), certificate_.programme.value_or("")},
               {words_(Text::grant), certificate_.grant.value_or("")},
               {words_(Text::contract), certificate_.contract.value_or("")}});
    flow_.space(18);
    add_text(flow_, paper_, words_(Text::issued, {words_.date(certificate_.issued)}), {.size = 10},
             8);
    add_place_for_signature();
    const Table table(paper_, {128, 48, 52, text_width - 228},
                      {words_(Text::half_day), words_(Text::planned_hours),
                       words_(Text::attended_hours), words_(Text::digest_of_sheet)});
    add_half_days(table);
    flow_.draw(paper_, frame());
    return paper_.finish();
  }

 private:
  std::string period() const {
    const Date first = certificate_.half_days.front().date;
    const Date last = certificate_.half_days.back().date;
    return first == last ? words_(Text::on_day, {words_.date(first)})
                         : words_(Text::from_to, {words_.date(first), words_.date(last)});
  }

  void add_place_for_name() {
    constexpr double line_width = 300;
    constexpr Style label{.size = 8, .grey = 0.25, .align = Align::centre};
    const std::string text = words_(Text::name_by_hand);
    flow_.add({58, [this, text, label](double y) {
                 const double x = side_margin + (text_width - line_width) / 2;
                 paper_.rule(x, y + 30, line_width, 0.7);
                 paper_.text(text, label, x, y + 33, line_width);
               }});
  }

  // Of several each with its own hours.
  void add_modules() {
    const std::vector<ModuleHours> modules = modules_of(certificate_);
    const Style title{.size = 16, .bold = true, .align = Align::centre};
    if (modules.size() < 2) return add_text(flow_, paper_, certificate_.title, title, 4);
    constexpr Style hours{.size = 10, .grey = 0.2, .align = Align::centre};
    for (const ModuleHours& one : modules) {
      add_text(flow_, paper_, one.title, {.size = 13, .bold = true, .align = Align::centre}, 1);
      add_text(flow_, paper_,
               words_(Text::hours_of_module,
                      {words_.duration(one.minutes), words_.duration(one.planned_minutes),
                       std::to_string(one.attended), std::to_string(one.held)}),
               hours, 6);
    }
  }

  int sum(int Certificate::HalfDay::* minutes) const {
    return std::accumulate(
        certificate_.half_days.begin(), certificate_.half_days.end(), 0,
        [&](int so_far, const Certificate::HalfDay& one) { return so_far + one.*minutes; });
  }

  void add_figures() {
    using HalfDay = Certificate::HalfDay;
    struct Figure {
      std::string name, value, of;
    };
    const std::vector<Figure> figures{
        {words_(Text::hours_attended), words_.duration(sum(&HalfDay::minutes)),
         words_(Text::of_planned, {words_.duration(sum(&HalfDay::planned_minutes))})},
        {words_(Text::half_days),
         std::to_string(std::ranges::count_if(certificate_.half_days, &HalfDay::attended)),
         words_(Text::of_half_days, {std::to_string(certificate_.half_days.size())})}};
    flow_.add({figure_height + 20, [this, figures](double y) {
                 paper_.tint(side_margin, y, text_width, figure_height, 0.94);
                 const double column = text_width / static_cast<double>(figures.size());
                 double x = side_margin;
                 for (const Figure& one : figures) {
                   const Style label{.size = 8, .grey = 0.25, .align = Align::centre};
                   const Style large{.size = 20, .bold = true, .align = Align::centre};
                   paper_.text(one.name, label, x, y + 6, column);
                   paper_.text(one.value, large, x, y + 16, column);
                   paper_.text(one.of, label, x, y + 44, column);
                   x += column;
                 }
               }});
  }

  void add_place_for_signature() {
    constexpr double gap = 14;
    constexpr double stamp_width = 160;
    const double left = text_width - stamp_width - gap;
    const std::string for_whom = words_(Text::signs_for, {certificate_.organisation});
    const Style label{.size = 8, .grey = 0.25};
    const double label_height = paper_.height(for_whom, label, left - 16);
    const double height = std::max(signature_height, label_height + 60);
    flow_.add({height, [this, for_whom, label, left, height](double y) {
                 paper_.frame(side_margin, y, left, height);
                 paper_.text(for_whom, label, side_margin + 8, y + 6, left - 16);
                 const double x = side_margin + left + gap;
                 paper_.frame(x, y, stamp_width, height);
                 paper_.text(words_(Text::stamp), label, x + 8, y + 6, stamp_width - 16);
               }});
  }

  void add_half_days(const Table& table) {
    const auto& half_days = certificate_.half_days;
    if (half_days.empty()) return;
    const Style body{.size = 8};
    const Style digits{.size = 6.6, .grey = 0.25};
    flow_.next_page();
    add_heading(flow_, paper_, words_(Text::rests_on));
    table.begin(flow_);
    const bool several = modules_of(certificate_).size() > 1;
    for (const auto& one : half_days) {
      const std::string when = words_.date(one.date) + ", " + words_.half_day(one.part);
      table.row(flow_,
                {{.text = several ? when + "\n" + one.title : when, .style = body},
                 {.text = words_.duration(one.planned_minutes), .style = body},
                 {.text = one.attended ? words_.duration(one.minutes) : "–", .style = body},
                 {.text = grouped(one.sheet), .style = digits}},
                least_row);
    }
  }

  Flow::Frame frame() {
    std::vector<crypto::Digest> digests;
    for (const auto& one : certificate_.half_days) digests.push_back(one.sheet);
    const std::string id = words_(Text::certificate_number, {certificate_.id});
    const std::string all = words_(Text::summary_digest, {grouped(digest(digests))});
    return {.first_top = first_top,
            .top = top_margin + running_head_height,
            .bottom = paper_height - bottom_margin - foot_height,
            .draw = [this, id, all](int page, int pages) {
              if (page > 1)
                draw_running_head(paper_, certificate_.person.shown, certificate_.title);
              draw_foot(paper_, words_, id, all, page, pages);
            }};
  }

  const Certificate& certificate_;
  Words words_;
  Paper paper_;
  Flow flow_;
};

}  // namespace

std::string draw_certificate(const Certificate& certificate, std::string_view language) {
  return CertificateDrawing(certificate, language).run();
}

}  // namespace rollcall::sheets
