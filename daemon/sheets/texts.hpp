// Every text of sheets and certificates, declared once with all its languages. {0}, {1}, ... are
// filled in.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace rollcall::sheets {

enum class Text : std::uint8_t {
  // Documents
  attendance_sheet,
  certificate,
  morning,
  afternoon,
  evening,
  // Facts of a sheet
  planned,
  site,
  room,
  trainer,
  form,
  in_room,
  drop_in,
  one_to_one,
  work_site,
  online,
  course,
  session,
  programme,
  grant,
  contract,
  // Counts above the table
  on_list,
  there,
  excused_count,
  absent_count,
  signed_count,
  // The table
  participant,
  presence,
  came,
  went,
  hours,
  recorded_by,
  signature,
  present,
  late,
  left_early,
  excused,
  absent,
  no_exit_tap,
  span,
  card,
  code,
  by_staff,
  connection_log,
  stated,
  clock_not_checked,
  // Signatures
  drawn_at,
  by_card_at,
  before_at,
  not_signed,
  not_signed_reason,
  unable,
  refused,
  not_yet_signed,
  // Below the table
  confirmation,
  confirmed,
  not_confirmed,
  trainer_signs,
  foreman_signs,
  withdrawn,
  withdrawn_line,
  corrections,
  correction_line,
  correction_of,
  legend,
  // Feet
  sheet_version,
  replaces,
  no_longer_in_force,
  sheet_digest,
  page,
  // Certificates
  certifies,
  attended,
  from_to,
  on_day,
  hours_attended,
  of_planned,
  half_days,
  of_half_days,
  issued,
  signs_for,
  stamp,
  rests_on,
  half_day,
  planned_hours,
  attended_hours,
  digest_of_sheet,
  certificate_number,
  summary_digest,
  name_by_hand,
  hours_of_module,
  // Findings
  finding_place,
  colon,
  // Dates and durations
  duration,
  long_date,
  date,
  short_date,
  day_and_time,
  first_of_month,
  sunday,
  monday,
  tuesday,
  wednesday,
  thursday,
  friday,
  saturday,
  january,
  february,
  march,
  april,
  may,
  june,
  july,
  august,
  september,
  october,
  november,
  december,
};
inline constexpr std::size_t text_count = 116;

// ISO 639-1 codes of the catalogue, English first.
const std::vector<std::string>& languages();

// The text in `language`, else in English.
std::string_view text(Text id, std::string_view language);
std::string filled(std::string_view text, std::initializer_list<std::string_view> values);
std::string filled(std::string_view text, const std::vector<std::string>& values);

}  // namespace rollcall::sheets
