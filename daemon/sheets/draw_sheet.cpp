#include <algorithm>

#include "daemon/sheets/draw.hpp"
#include "daemon/sheets/pieces.hpp"
#include "daemon/sheets/table.hpp"

namespace rollcall::sheets {
namespace {

constexpr double drawn_height = 26;  // of a signature in a line
constexpr double drawn_time_width = 32;
constexpr double least_row = 17;
constexpr double own_box_width = 190;  // of the trainer's and the foreman's signatures
constexpr double own_box_height = 56;

constexpr Style body{.size = 9};
constexpr Style small{.size = 7.8};
constexpr Style tiny{.size = 7, .grey = 0.2};
constexpr Style quiet{.size = 9, .grey = 0.35};

Text text_of(Kind kind) {
  switch (kind) {
    case Kind::room:
      return Text::in_room;
    case Kind::drop_in:
      return Text::drop_in;
    case Kind::one_to_one:
      return Text::one_to_one;
    case Kind::work_site:
      return Text::work_site;
    case Kind::online:
      break;
  }
  return Text::online;
}

Text text_of(Mark mark) {
  switch (mark) {
    case Mark::present:
      return Text::present;
    case Mark::late:
      return Text::late;
    case Mark::left_early:
      return Text::left_early;
    case Mark::excused:
      return Text::excused;
    case Mark::absent:
      break;
  }
  return Text::absent;
}

Text text_of(Method method) {
  switch (method) {
    case Method::card:
      return Text::card;
    case Method::code:
      return Text::code;
    case Method::assisted:
      return Text::by_staff;
    case Method::import:
      return Text::connection_log;
    case Method::online:
      break;
  }
  return Text::stated;
}

Text text_of(WhyNot why) {
  switch (why) {
    case WhyNot::left_early:
      return Text::left_early;
    case WhyNot::unable:
      return Text::unable;
    case WhyNot::refused:
      return Text::refused;
    case WhyNot::absent:
      break;
  }
  return Text::absent;
}

class SheetDrawing {
 public:
  SheetDrawing(const Sheet& sheet, std::string_view language)
      : sheet_(sheet),
        words_(language, sheet.time_zone),
        when_(words_.long_date(sheet.date) + ", " + words_.half_day(sheet.part)),
        paper_({.title = words_(Text::attendance_sheet) + ", " + sheet.title + ", " + when_,
                .language = words_.language(),
                .organisation = sheet.organisation,
                .made_ms = sheet.confirmed ? sheet.confirmed->at_ms : sheet.end_ms}) {}

  std::string run() {
    head();
    add_facts(flow_, paper_, facts());
    add_counts();
    add_text(flow_, paper_, words_(Text::legend), tiny, 6);
    const Table table(paper_, {20, 124, 62, 41, 48, 38, 62, text_width - 395},
                      {"", words_(Text::participant), words_(Text::presence), words_(Text::came),
                       words_(Text::went), words_(Text::hours), words_(Text::recorded_by),
                       words_(Text::signature)});
    if (!sheet_.lines.empty()) table.begin(flow_);
    for (std::size_t i = 0; i < sheet_.lines.size(); ++i)
      table.row(flow_, cells(i + 1, sheet_.lines[i]), least_row);
    add_confirmation();
    add_withdrawn();
    add_corrections();
    flow_.draw(paper_, frame());
    return paper_.finish();
  }

 private:
  void head() {
    add_text(flow_, paper_, sheet_.organisation, {.size = 9, .bold = true}, 8);
    add_text(flow_, paper_, words_(Text::attendance_sheet), {.size = 11, .grey = 0.2}, 0);
    add_text(flow_, paper_, sheet_.title, {.size = 19, .bold = true}, 1);
    add_text(flow_, paper_, when_, {.size = 12}, 12);
    if (!sheet_.ended_ms) return;
    const std::string since = words_.day_and_time(*sheet_.ended_ms);
    add_text(flow_, paper_,
             words_(Text::no_longer_in_force, {std::to_string(sheet_.version), since}),
             {.size = 10, .bold = true}, 10);
  }

  Facts facts() const {
    return {{words_(Text::planned), words_.time(sheet_.start_ms, sheet_.date) + " – " +
                                        words_.time(sheet_.end_ms, sheet_.date) + "  (" +
                                        words_.duration(planned_minutes(sheet_)) + ")"},
            {words_(Text::trainer), sheet_.trainer.shown},
            {words_(Text::room), sheet_.room.value_or("")},
            {words_(Text::form), words_(text_of(sheet_.kind))},
            {words_(Text::course), sheet_.course},
            {words_(Text::session), sheet_.session},
            {words_(Text::site), sheet_.site},
            {words_(Text::programme), sheet_.programme.value_or("")},
            {words_(Text::grant), sheet_.grant.value_or("")},
            {words_(Text::contract), sheet_.contract.value_or("")}};
  }

  void add_counts() {
    const auto count = [&](auto&& is) {
      return std::to_string(std::ranges::count_if(sheet_.lines, is));
    };
    const std::vector<std::pair<std::string, std::string>> counts{
        {words_(Text::on_list), std::to_string(sheet_.lines.size())},
        {words_(Text::there), count([](const Line& line) { return was_there(line.mark); })},
        {words_(Text::excused_count),
         count([](const Line& line) { return line.mark == Mark::excused; })},
        {words_(Text::absent_count),
         count([](const Line& line) { return line.mark == Mark::absent; })},
        {words_(Text::signed_count),
         count([](const Line& line) { return std::holds_alternative<Signature>(line.closing); })}};
    flow_.space(6);
    flow_.add({46, [this, counts](double y) {
                 paper_.tint(side_margin, y, text_width, 34, 0.94);
                 const double column = text_width / static_cast<double>(counts.size());
                 double x = side_margin;
                 for (const auto& [name, number] : counts) {
                   const Style large{.size = 13, .bold = true, .align = Align::centre};
                   const Style label{.size = 7.5, .grey = 0.25, .align = Align::centre};
                   paper_.text(number, large, x, y + 2, column);
                   paper_.text(name, label, x, y + 19, column);
                   x += column;
                 }
               }});
  }

  std::string moment(const std::optional<Moment>& moment) const {
    if (!moment) return "";
    if (!moment->between) return words_.time(moment->at_ms, sheet_.date);
    return words_(Text::span, {words_.time(moment->between->not_before_ms, sheet_.date),
                               words_.time(moment->between->not_after_ms, sheet_.date)});
  }

  std::string recorded_by(const Line& line) const {
    std::string out;
    for (const Method method : line.methods)
      out += (out.empty() ? "" : ", ") + words_(text_of(method));
    const auto doubtful = [](const std::optional<Moment>& m) { return m && m->between; };
    if (doubtful(line.arrived) || doubtful(line.left))
      out += (out.empty() ? "" : ", ") + words_(Text::clock_not_checked);
    return out;
  }

  std::vector<Cell> cells(std::size_t number, const Line& line) {
    const Style& mark = was_there(line.mark) ? body : quiet;
    return {{.text = std::to_string(number), .style = {.size = 8, .grey = 0.4}},
            {.text = line.person.shown, .style = {.size = 9.5}},
            {.text = words_(text_of(line.mark)), .style = mark},
            {.text = moment(line.arrived), .style = body},
            line.no_exit_tap ? Cell{.text = words_(Text::no_exit_tap), .style = tiny}
                             : Cell{.text = moment(line.left), .style = body},
            {.text = line.minutes ? words_.duration(*line.minutes) : "", .style = body},
            {.text = recorded_by(line), .style = small},
            closing(line)};
  }

  Cell closing(const Line& line) {
    if (const auto* signature = std::get_if<Signature>(&line.closing)) {
      const auto* drawing = std::get_if<Drawing>(&signature->form);
      if (drawing == nullptr) return {.text = in_words(*signature), .style = small};
      const std::string time = words_.time(signature->at_ms, sheet_.date);
      const double time_height = paper_.height(time, tiny, drawn_time_width);
      return {.height = std::max(drawn_height, time_height),
              .draw = [this, drawing, time, time_height](double x, double y, double width,
                                                         double height) {
                paper_.drawing(*drawing, x, y + (height - drawn_height) / 2,
                               width - drawn_time_width - 3, drawn_height);
                paper_.text(time, tiny, x + width - drawn_time_width,
                            y + (height - time_height) / 2, drawn_time_width);
              }};
    }
    if (const auto* unsigned_line = std::get_if<NotSigned>(&line.closing))
      return {.text = in_words(*unsigned_line), .style = small};
    if (!was_there(line.mark)) return {};
    return {.text = words_(Text::not_yet_signed), .style = {.size = 7.8, .grey = 0.4}};
  }

  std::string in_words(const Signature& signature) const {
    const std::string time = words_.time(signature.at_ms, sheet_.date);
    if (const auto* witnessed = std::get_if<Witnessed>(&signature.form))
      return words_(Text::before_at, {witnessed->witness.shown, time, witnessed->reason});
    const bool drawn = std::holds_alternative<Drawing>(signature.form);
    return words_(drawn ? Text::drawn_at : Text::by_card_at, {time});
  }

  std::string in_words(const NotSigned& line) const {
    const std::string why = words_(text_of(line.why));
    return line.reason.empty() ? words_(Text::not_signed, {why})
                               : words_(Text::not_signed_reason, {why, line.reason});
  }

  void add_confirmation() {
    add_heading(flow_, paper_, words_(Text::confirmation));
    if (const auto& confirmed = sheet_.confirmed) {
      add_text(
          flow_, paper_,
          words_(Text::confirmed, {confirmed->by.shown, words_.date(words_.day(confirmed->at_ms)),
                                   words_.time(confirmed->at_ms)}),
          body, 8);
    } else {
      add_text(flow_, paper_, words_(Text::not_confirmed), body, 8);
    }
    own_signature(words_(Text::trainer_signs, {sheet_.trainer.shown}), sheet_.trainer_signature);
    if (const auto& foreman = sheet_.foreman)
      own_signature(words_(Text::foreman_signs, {foreman->person.shown}), foreman->signature);
  }

  void own_signature(const std::string& whose, const std::optional<Signature>& signature) {
    const std::string said = signature ? in_words(*signature) : words_(Text::not_yet_signed);
    const auto* drawing = signature ? std::get_if<Drawing>(&signature->form) : nullptr;
    const double left = text_width - own_box_width - 14;
    const double height = std::max(
        own_box_height, paper_.height(whose, body, left) + paper_.height(said, small, left) + 2);
    flow_.add({height + 8, [this, whose, said, drawing, left](double y) {
                 paper_.text(whose, body, side_margin, y, left);
                 paper_.text(said, small, side_margin, y + paper_.height(whose, body, left) + 2,
                             left);
                 const double x = side_margin + left + 14;
                 paper_.frame(x, y, own_box_width, own_box_height);
                 if (drawing != nullptr)
                   paper_.drawing(*drawing, x + 8, y + 4, own_box_width - 16, own_box_height - 8);
               }});
  }

  void add_withdrawn() {
    if (sheet_.withdrawn.empty()) return;
    add_heading(flow_, paper_, words_(Text::withdrawn));
    for (const Withdrawn& one : sheet_.withdrawn) {
      add_text(flow_, paper_,
               words_(Text::withdrawn_line,
                      {one.person.shown, words_.time(one.signed_ms, sheet_.date),
                       words_.time(one.withdrawn_ms, sheet_.date), one.by.shown, one.reason}),
               small, 3);
    }
  }

  void add_corrections() {
    if (sheet_.corrections.empty()) return;
    add_heading(flow_, paper_, words_(Text::corrections));
    for (const Correction& one : sheet_.corrections) {
      const std::string what =
          one.person ? words_(Text::correction_of, {one.person->shown, one.what}) : one.what;
      add_text(flow_, paper_,
               words_(Text::correction_line, {words_.day_and_time(one.at_ms), one.by.shown, what,
                                              one.old_value, one.new_value, one.reason}),
               small, 3);
    }
  }

  Flow::Frame frame() {
    std::string id = words_(Text::sheet_version, {sheet_.id, std::to_string(sheet_.version)});
    if (sheet_.replaces) id += ", " + words_(Text::replaces, {*sheet_.replaces});
    const std::string digest = words_(Text::sheet_digest, {grouped(sheets::digest(sheet_))});
    return {.top = top_margin + running_head_height,
            .bottom = paper_height - bottom_margin - foot_height,
            .draw = [this, id, digest](int page, int pages) {
              if (page > 1) draw_running_head(paper_, sheet_.title, when_);
              draw_foot(paper_, words_, id, digest, page, pages);
            }};
  }

  const Sheet& sheet_;
  Words words_;
  std::string when_;
  Paper paper_;
  Flow flow_;
};

}  // namespace

std::string draw_sheet(const Sheet& sheet, std::string_view language) {
  return SheetDrawing(sheet, language).run();
}

}  // namespace rollcall::sheets
