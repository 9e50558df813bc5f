# Builds that join the files of a target into a few (CMAKE_UNITY_BUILD), which the clang presets do:
# what many files include is compiled a few times only. Files whose local names also stand in another
# file of their target are compiled alone. The release preset compiles every file alone and so finds
# what a file forgets to include.
#
# A new file of the first kind shows as a name declared twice: give it a better name, or list it here.

set(ROLLCALL_ALONE
  daemon/attendance/assist.cpp
  daemon/attendance/code.cpp
  daemon/attendance/day.cpp
  daemon/attendance/person_day.cpp
  daemon/console/cards_route.cpp
  daemon/console/totals.cpp
  daemon/console/update_route.cpp
  daemon/console/waiting.cpp
  daemon/flows/sign_half_day.cpp
  daemon/halfdays/rows.cpp
  daemon/recovery/import.cpp
  daemon/roster/csv.cpp
  daemon/roster/feed.cpp
  daemon/roster/files.cpp
  daemon/roster/oneroster.cpp
  daemon/screens/draw_small.cpp
  daemon/sheets/calendar_file.cpp
  daemon/sheets/draw_sheet.cpp
  daemon/sheets/month.cpp
  firmware/entropy/seed_store.cpp
  hal/host/http/server.cpp
  hal/host/http/stream.cpp
  hal/host/readers/pn532_reader.cpp
  provisioning/enrol.cpp
  provisioning/qr_code.cpp
  provisioning/show_cards.cpp
  provisioning/show_sheets.cpp
  tests/casesim/range.cpp
  tests/unit/daemon/accounts/attempts_test.cpp
  tests/unit/daemon/attendance/card_check_test.cpp
  tests/unit/daemon/attendance/day_properties_test.cpp
  tests/unit/daemon/credentials/card_reading_test.cpp
  tests/unit/daemon/halfdays/sheet_book_test.cpp
  tests/unit/daemon/halfdays/to_sign_test.cpp
  tests/unit/daemon/registry/registry_test.cpp
  tests/unit/daemon/roster/feed_test.cpp
  tests/unit/daemon/roster/roster_test.cpp
  tests/unit/daemon/screens/small_screens_test.cpp
  tests/unit/daemon/terminals/enrolment_link_test.cpp
  tests/unit/daemon/terminals/start_clock_test.cpp
  tests/unit/daemon/terminals/update_test.cpp
  tests/unit/firmware/digits_test.cpp
  tests/unit/firmware/offline_test.cpp
  tests/unit/hal/pn532_frame_test.cpp
  tests/unit/provisioning/cli_test.cpp
  tests/unit/provisioning/roster_test.cpp
  tests/unit/provisioning/show_test.cpp
  tests/unit/provisioning/site_init_test.cpp
  )

# Called when all targets exist.
function(rollcall_leave_alone)
  foreach(file IN LISTS ROLLCALL_ALONE)
    if(file MATCHES "^tests/unit/" AND NOT ROLLCALL_TESTS)
      continue()
    endif()
    set(file ${CMAKE_SOURCE_DIR}/${file})
    if(NOT EXISTS ${file})
      message(FATAL_ERROR "cmake/RollcallUnity.cmake lists ${file}, which does not exist.")
    endif()
    get_filename_component(folder ${file} DIRECTORY)
    while(NOT EXISTS ${folder}/CMakeLists.txt)
      get_filename_component(folder ${folder} DIRECTORY)
    endwhile()
    set_source_files_properties(${file} DIRECTORY ${folder} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
  endforeach()
endfunction()
