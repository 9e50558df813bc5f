# Build switches, compiler flags and the caches every target shares.

option(ROLLCALL_TESTS "Build the tests" ON)
option(ROLLCALL_FUZZERS "Build the libFuzzer targets (clang only)" OFF)
option(ROLLCALL_FAIL_POINTS "Compile in the places where chaos tests kill the daemon (libfiu)" OFF)
set(ROLLCALL_BOARD "" CACHE STRING "Board to build the firmware of, one of cmake/RollcallBoards.cmake; empty for this machine")
set(ROLLCALL_SANITIZE "" CACHE STRING "Value for -fsanitize=, for instance address,undefined or thread")

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE_PROGRAM})
endif()

# Flags of our own targets; third-party headers arrive as system includes.
add_library(rollcall_flags INTERFACE)
target_compile_options(rollcall_flags INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror)
target_include_directories(rollcall_flags INTERFACE ${CMAKE_SOURCE_DIR})
if(CMAKE_UNITY_BUILD)
  target_compile_options(rollcall_flags INTERFACE -Wno-shadow)  # of a name in another file's anonymous namespace
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # GCC 12 reports these inside the standard library and Asio, not in our code.
  target_compile_options(rollcall_flags INTERFACE -Wno-restrict -Wno-maybe-uninitialized -Wno-stringop-overflow
                         -Wno-array-bounds -Wno-stringop-overread -Wno-dangling-pointer)
endif()
if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
  # std::stable_sort of libstdc++ 12 uses a function of its own that clang reports as deprecated.
  target_compile_options(rollcall_flags INTERFACE -Wno-deprecated-declarations)
endif()
if(ROLLCALL_SANITIZE)
  add_compile_options(-fsanitize=${ROLLCALL_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${ROLLCALL_SANITIZE})
  if(ROLLCALL_SANITIZE MATCHES "thread" AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    add_compile_options(-Wno-tsan)  # Asio's fences are not modelled; GCC says so on each use
  endif()
endif()
