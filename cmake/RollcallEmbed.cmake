# Pages in programs: fetches the browser libraries with npm and turns page files into C++.
#
#   rollcall_embed(rollcall_console_assets
#     HEADER daemon/console/web/assets.hpp
#     FUNCTION rollcall::console::page
#     FILES /=index.html /console.js=console.js)
#
# makes a static library that defines `std::span<const web::Asset> FUNCTION()` as declared in HEADER.
# Each entry of FILES is ADDRESS=FILE, relative to the calling folder. What every page shares
# (hal/host/web, preact, htm) is added under /lib/, unless PAGE_ONLY says that another page of the same
# program brings it.

set(ROLLCALL_WEB_LIBRARIES ${CMAKE_BINARY_DIR}/web-libraries)

# Once per build folder, and again only when what is wanted changes.
function(rollcall_fetch_web_libraries)
  if(TARGET rollcall_web_libraries)
    return()
  endif()
  find_program(NPM_PROGRAM npm)
  if(NOT NPM_PROGRAM)
    message(FATAL_ERROR "npm was not found; it fetches the two libraries of the web pages (preact, htm). "
                        "Install it with `apt-get install npm`, then run cmake again.")
  endif()
  set(wanted ${CMAKE_SOURCE_DIR}/package.json ${CMAKE_SOURCE_DIR}/package-lock.json ${CMAKE_SOURCE_DIR}/.npmrc)
  add_custom_command(
    OUTPUT ${ROLLCALL_WEB_LIBRARIES}/stamp
    COMMAND ${CMAKE_COMMAND} "-DWANTED=${wanted}" -DNPM=${NPM_PROGRAM} -DFOLDER=${ROLLCALL_WEB_LIBRARIES}
            -P ${CMAKE_SOURCE_DIR}/cmake/fetch_web_libraries.cmake
    DEPENDS ${wanted} ${CMAKE_SOURCE_DIR}/cmake/fetch_web_libraries.cmake
    COMMENT "Fetching preact and htm for the web pages"
    VERBATIM)
  add_custom_target(rollcall_web_libraries DEPENDS ${ROLLCALL_WEB_LIBRARIES}/stamp)
endfunction()

function(rollcall_embed target)
  cmake_parse_arguments(ARG "PAGE_ONLY" "HEADER;FUNCTION" "FILES" ${ARGN})
  rollcall_fetch_web_libraries()

  set(shared ${CMAKE_SOURCE_DIR}/hal/host/web)
  set(modules ${ROLLCALL_WEB_LIBRARIES}/node_modules)
  set(entries
    /lib/preact.js=${modules}/preact/dist/preact.module.js
    /lib/htm.js=${modules}/htm/dist/htm.module.js
    /lib/html.js=${shared}/html.js
    /lib/drawing.js=${shared}/drawing.js
    /lib/language.js=${shared}/language.js
    /lib/marks.js=${shared}/marks.js
    /lib/live.js=${shared}/live.js
    /lib/base.css=${shared}/base.css
    /lib/mark.svg=${shared}/mark.svg)
  if(ARG_PAGE_ONLY)
    set(entries)
  endif()
  foreach(entry IN LISTS ARG_FILES)
    string(REGEX REPLACE "^([^=]*)=(.*)$" "\\1=${CMAKE_CURRENT_SOURCE_DIR}/\\2" entry "${entry}")
    list(APPEND entries ${entry})
  endforeach()

  set(inputs ${ROLLCALL_WEB_LIBRARIES}/stamp ${CMAKE_SOURCE_DIR}/cmake/write_assets.cmake)
  foreach(entry IN LISTS entries)
    string(REGEX REPLACE "^[^=]*=" "" file "${entry}")
    if(NOT file MATCHES "^${modules}")
      list(APPEND inputs ${file})
    endif()
  endforeach()

  set(source ${CMAKE_CURRENT_BINARY_DIR}/${target}.cpp)
  add_custom_command(
    OUTPUT ${source}
    COMMAND ${CMAKE_COMMAND} "-DENTRIES=${entries}" -DHEADER=${ARG_HEADER} -DFUNCTION=${ARG_FUNCTION}
            -DOUTPUT=${source} -P ${CMAKE_SOURCE_DIR}/cmake/write_assets.cmake
    DEPENDS ${inputs}
    COMMENT "Embedding the files of ${target}"
    VERBATIM)
  add_library(${target} STATIC ${source})
  target_link_libraries(${target} PUBLIC rollcall_web PRIVATE rollcall_flags)
  add_dependencies(${target} rollcall_web_libraries)
endfunction()
