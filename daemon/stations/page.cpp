#include "daemon/stations/page.hpp"

#include <algorithm>
#include <variant>

#include <nlohmann/json.hpp>

#include "daemon/attendance/code.hpp"

namespace rollcall::stations {
namespace {

using protocol::Outcome;
using screens::Text;
using Json = nlohmann::ordered_json;
using Languages = std::vector<std::string>;

std::string words(Text id, const std::string& language) {
  return std::string(screens::text(id, language));
}

// As terminals have it: a second language below the first, where the site has one.
Page in_two_languages(std::string_view kind, Text text, const Languages& languages) {
  Page page;
  page.kind = kind;
  page.language = languages.front();
  page.title = words(text, page.language);
  if (languages.size() > 1) {
    page.second_language = languages[1];
    page.second = words(text, page.second_language);
  }
  return page;
}

Page in_one_language(std::string_view kind, Text text, const std::string& language) {
  return in_two_languages(kind, text, {language});
}

void add_yes_later(Page& page) {
  using Style = Page::Choice::Style;
  page.choices = {{screens::choice::yes, words(Text::yes, page.language), Style::main},
                  {screens::choice::later, words(Text::later, page.language), Style::quiet}};
}

void add_quiet(Page& page, const char* id, Text text) {
  page.choices.push_back({id, words(text, page.language), Page::Choice::Style::quiet});
}

struct PageOf {
  Page operator()(const screens::AssessmentOffer& s) const {
    Page page = in_one_language("offer", Text::offer, s.language);
    page.detail = s.title;
    add_yes_later(page);
    return page;
  }
  Page operator()(const screens::QuestionScreen& s) const {
    Page page;
    page.kind = "question";
    page.language = s.language;
    page.title = s.text;
    page.number = s.number;
    page.count = s.count;
    for (const auto& option : s.options) page.choices.push_back({option.id, option.text});
    add_quiet(page, screens::choice::later, Text::later);
    return page;
  }
  Page operator()(const screens::MoreTime& s) const {
    Page page = in_one_language("more_time", Text::more_time, s.language);
    add_yes_later(page);
    return page;
  }
  Page operator()(const screens::ThankYou& s) const {
    return in_one_language("thank_you", Text::thank_you, s.language);
  }
  Page operator()(const screens::PleaseSeeDesk& s) const {
    return in_one_language("see_desk", Text::see_desk, s.language);
  }
  Page operator()(const screens::Moved& s) const {
    Page page = s.arrived ? in_one_language("arrived", Text::arrived, s.language)
                          : in_one_language("left", Text::left, s.language);
    page.detail =
        words(s.arrived ? Text::you_arrived : Text::you_left, s.language) + " · " + s.time;
    page.choices = {{screens::choice::other_way,
                     words(s.arrived ? Text::am_leaving : Text::am_arriving, s.language)}};
    return page;
  }
  Page operator()(const screens::SignHalfDay& s) const {
    Page page;
    page.kind = "sign";
    page.language = s.language;
    page.title = s.title;
    page.to_sign = Page::ToSign{s.when, s.hours, "", s.by_drawing};
    if (s.by_card)
      page.to_sign->how = words(s.by_drawing ? Text::or_card_again : Text::card_again, s.language);
    if (!s.other_way.empty())
      page.choices.push_back({screens::choice::other_way, s.other_way, Page::Choice::Style::quiet});
    if (!s.by_card) add_quiet(page, screens::choice::cannot_draw, Text::cannot_draw);
    add_quiet(page, screens::choice::later, Text::later);
    return page;
  }
  Page operator()(const screens::HasSigned& s) const {
    Page page = in_one_language("signed", Text::has_signed, s.language);
    page.detail = s.when;
    return page;
  }
  Page operator()(const screens::AskTrainer& s) const {
    return in_one_language("ask_trainer", Text::ask_trainer, s.language);
  }
  Page operator()(const screens::AtRest& s) const {
    return in_one_language("idle", Text::hold_card, s.language);
  }
};

std::string_view name(Page::Choice::Style style) {
  switch (style) {
    case Page::Choice::Style::main:
      return "main";
    case Page::Choice::Style::quiet:
      return "quiet";
    case Page::Choice::Style::plain:
      break;
  }
  return "plain";
}

}  // namespace

bool Page::offers(std::string_view id) const {
  if (code_digits > 0 && id.starts_with(code_choice)) {
    const std::string_view typed = id.substr(code_choice.size());
    return typed.size() == code_digits &&
           std::ranges::all_of(typed, [](char c) { return c >= '0' && c <= '9'; });
  }
  if (id.starts_with(language_choice))
    return std::ranges::find(languages, id.substr(language_choice.size())) != languages.end();
  return std::ranges::find(choices, id, &Choice::id) != choices.end();
}

Page at_rest(const Languages& languages, Takes takes) {
  Page page = takes == Takes::codes ? in_two_languages("idle_code", Text::show_code, languages)
                                    : in_two_languages("idle", Text::hold_card, languages);
  if (languages.size() > 1) page.languages = languages;
  std::ranges::sort(page.languages);  // at the same places whichever is spoken
  const Text way = takes == Takes::codes ? Text::type_code : Text::have_code;
  page.choices = {{std::string(have_code), words(way, page.language), Page::Choice::Style::quiet}};
  return page;
}

Page type_code(const Languages& languages) {
  static_assert(attendance::code_digits == 8, "the hint says how many digits");
  Page page = in_one_language("code", Text::type_code, languages.front());
  page.detail = words(Text::code_hint, page.language);
  page.code_digits = attendance::code_digits;
  page.choices = {
      {std::string(no_code), words(Text::back, page.language), Page::Choice::Style::quiet}};
  return page;
}

Page out_of_order(const Languages& languages) {
  Page page = in_two_languages("not_working", Text::not_working, languages);
  page.detail = words(Text::see_desk, page.language);
  return page;
}

Page one_card(const Languages& languages) {
  return in_two_languages("one_card", Text::one_card, languages);
}

Page answer(Outcome outcome, const Languages& languages) {
  switch (outcome) {
    case Outcome::arrived:
      return in_two_languages("arrived", Text::arrived, languages);
    case Outcome::left:
      return in_two_languages("left", Text::left, languages);
    case Outcome::recorded:
      return in_two_languages("recorded", Text::recorded, languages);
    case Outcome::repeat:
      return in_two_languages("repeat", Text::repeat, languages);
    case Outcome::see_staff:
      return in_two_languages("see_desk", Text::see_desk, languages);
    case Outcome::not_recorded:
      break;
  }
  return in_two_languages("see_desk_first", Text::see_desk_first, languages);
}

Page page_of(const screens::Live& screen) {
  return std::visit(PageOf{}, screen);
}

std::string to_json(const Page& page, const std::string& screen) {
  Json choices = Json::array();
  for (const Page::Choice& choice : page.choices)
    choices.push_back({{"id", choice.id}, {"text", choice.text}, {"style", name(choice.style)}});
  Json out = {{"screen", screen},
              {"kind", page.kind},
              {"language", page.language},
              {"title", page.title},
              {"second", Json()},
              {"detail", page.detail},
              {"choices", std::move(choices)},
              {"progress", Json()},
              {"keypad", Json()},
              {"signing", Json()},
              {"languages", page.languages},
              {"away",
               {{"title", words(Text::not_working, page.language)},
                {"detail", words(Text::see_desk, page.language)}}}};
  if (!page.second.empty())
    out["second"] = {{"language", page.second_language}, {"text", page.second}};
  if (page.count > 0) out["progress"] = {{"number", page.number}, {"count", page.count}};
  if (page.code_digits > 0) {
    out["keypad"] = {{"digits", page.code_digits},
                     {"erase", words(Text::erase, page.language)},
                     {"done", words(Text::done, page.language)}};
  }
  if (page.to_sign) {
    out["signing"] = {{"when", page.to_sign->when},
                      {"hours", page.to_sign->hours},
                      {"how", page.to_sign->how},
                      {"field", Json()}};
    if (page.to_sign->field) {
      out["signing"]["field"] = {{"label", words(Text::sign_here, page.language)},
                                 {"erase", words(Text::erase, page.language)},
                                 {"done", words(Text::i_sign, page.language)}};
    }
  }
  // Instruments come from files of others: bytes that are no UTF-8 become U+FFFD.
  return out.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace rollcall::stations
