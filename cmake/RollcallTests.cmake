# rollcall_unit_test(NAME SOURCES a.cpp b.cpp LIBRARIES lib1 lib2): one GoogleTest program, label "unit".
include(GoogleTest)
find_package(GTest REQUIRED)

function(rollcall_unit_test name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LIBRARIES" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE rollcall_flags ${ARG_LIBRARIES} GTest::gmock GTest::gtest_main)
  if(ROLLCALL_SANITIZE)
    target_sources(${name} PRIVATE ${CMAKE_SOURCE_DIR}/cmake/known_reports.cpp)
  endif()
  # What a test itself does need not be fast, and compiles in half the time; what it tests is as the preset says.
  target_compile_options(${name} PRIVATE $<IF:$<CONFIG:Release>,-O1,-O0>)
  gtest_discover_tests(${name} PROPERTIES LABELS unit DISCOVERY_TIMEOUT 60)
endfunction()
