// What a half-day is signed with. Thread: the writer, inside a transaction.
#pragma once

#include <optional>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "daemon/config/config.hpp"
#include "daemon/halfdays/sheet_book.hpp"
#include "daemon/store/database.hpp"

namespace rollcall::halfdays {

// As events and the table have it.
struct FormFields {
  std::string form;
  std::optional<std::string> drawing, witness, reason;
  std::optional<events::TapIdentity> tap;
};
// Otherwise why it is none: a clause.
Result<FormFields> fields_of(const SignRequest& request);

// Points as a page sends them, {"strokes": [[[x, y], ...], ...], "aspect": 3}; nothing when they
// are not.
std::optional<sheets::Drawing> drawing_of(const nlohmann::ordered_json& told);
// Why it is no signature; a clause.
std::optional<std::string> refuse_drawing(const sheets::Drawing& drawing);

// As the programme says and the person's protection allows.
using Forms = attendance::SigningForms;
Forms forms_of(store::Database& db, const config::Programme& programme, const std::string& person);

// Why this person cannot sign with it; a clause.
std::optional<std::string> refuse_form(store::Database& db, const config::Programme& programme,
                                       const SignRequest& request, const FormFields& fields);

}  // namespace rollcall::halfdays
