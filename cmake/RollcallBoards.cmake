# What firmware presets need besides the toolchain: which board is which, the libraries compiled from
# source for it, and the checks every board library and image passes.

# Each board: its folder in hal/boards, and the folders with tests of it.
set(board_badge lm3s6965evb)
set(board_badge_tests tests/boards)
set(board_touch vexpress_a15)

set(ROLLCALL_BOARD_FOLDER ${board_${ROLLCALL_BOARD}})
set(ROLLCALL_BOARD_TESTS ${board_${ROLLCALL_BOARD}_tests})
if(NOT ROLLCALL_BOARD_FOLDER)
  message(FATAL_ERROR "ROLLCALL_BOARD is \"${ROLLCALL_BOARD}\", which is no board that cmake/RollcallBoards.cmake lists.")
endif()

# rollcall_fetch_source(PACKAGE): its sources are in build/PACKAGE/source.
function(rollcall_fetch_source package)
  execute_process(COMMAND ${CMAKE_SOURCE_DIR}/setup/fetch_source.sh ${package}
                  RESULT_VARIABLE failed OUTPUT_QUIET ERROR_VARIABLE sentence)
  if(failed)
    message(FATAL_ERROR "${sentence}")
  endif()
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/setup/sources.txt)
endfunction()

# Third-party code: its own warnings are not ours to mend.
rollcall_fetch_source(mbedtls)
set(mbedtls ${CMAKE_SOURCE_DIR}/build/mbedtls/source)
set(parts bignum chacha20 chachapoly constant_time ecp ecp_curves hkdf md platform_util poly1305 sha256)
list(TRANSFORM parts REPLACE "(.+)" "${mbedtls}/library/\\1.c")
add_library(rollcall_mbedtls STATIC ${parts})
target_include_directories(rollcall_mbedtls SYSTEM PUBLIC ${mbedtls}/include)
target_include_directories(rollcall_mbedtls PUBLIC ${CMAKE_SOURCE_DIR})
target_compile_definitions(rollcall_mbedtls PUBLIC
  MBEDTLS_CONFIG_FILE="protocol/crypto/mbedtls_board_config.h")
set(MBEDCRYPTO_LIBRARY rollcall_mbedtls)

# Only what unpacks zlib streams (RFC 1950), without an allocator of its own (Z_SOLO).
rollcall_fetch_source(zlib)
set(zlib ${CMAKE_SOURCE_DIR}/build/zlib/source)
set(parts adler32 inffast inflate inftrees zutil)
list(TRANSFORM parts REPLACE "(.+)" "${zlib}/\\1.c")
add_library(rollcall_zlib STATIC ${parts})
target_include_directories(rollcall_zlib SYSTEM PUBLIC ${zlib})
target_compile_definitions(rollcall_zlib PUBLIC Z_SOLO NO_GZIP)
add_library(ZLIB::ZLIB ALIAS rollcall_zlib)

# rollcall_bare_metal(LIBRARY): the build stops when the library needs what boards do not have.
function(rollcall_bare_metal library)
  set(script ${CMAKE_SOURCE_DIR}/tests/boards/forbidden_symbols.sh)
  set(stamp ${CMAKE_CURRENT_BINARY_DIR}/${library}.bare-metal)
  add_custom_command(
    OUTPUT ${stamp}
    COMMAND ${script} ${CMAKE_NM} $<TARGET_FILE:${library}>
    COMMAND ${CMAKE_COMMAND} -E touch ${stamp}
    DEPENDS ${library} ${script}
    COMMENT "Checking that ${library} needs nothing that boards lack"
    VERBATIM)
  add_custom_target(${library}_bare_metal ALL DEPENDS ${stamp})
endfunction()
