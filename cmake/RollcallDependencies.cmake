# Third-party libraries, all from Debian packages (setup/packages.txt).

find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(Boost 1.81 REQUIRED)
find_package(OpenSSL 3 REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(nlohmann_json 3.11 REQUIRED)
find_package(spdlog REQUIRED)
find_package(ZLIB REQUIRED)
find_package(LibArchive REQUIRED)
find_package(prometheus-cpp REQUIRED CONFIG)
find_package(date REQUIRED CONFIG)
find_library(MBEDCRYPTO_LIBRARY mbedcrypto REQUIRED)
pkg_check_modules(LIBUSB REQUIRED IMPORTED_TARGET libusb-1.0)
pkg_check_modules(ICAL REQUIRED IMPORTED_TARGET libical)
pkg_check_modules(EVDEV REQUIRED IMPORTED_TARGET libevdev)
pkg_check_modules(PCSC REQUIRED IMPORTED_TARGET libpcsclite)
pkg_check_modules(SODIUM REQUIRED IMPORTED_TARGET libsodium)
pkg_check_modules(QRENCODE REQUIRED IMPORTED_TARGET libqrencode)
pkg_check_modules(PANGOCAIRO REQUIRED IMPORTED_TARGET pangocairo)

# Asio and Beast are compiled once, here; every other file sees declarations only.
add_library(rollcall_asio STATIC ${CMAKE_SOURCE_DIR}/cmake/asio_impl.cpp)
target_include_directories(rollcall_asio SYSTEM PUBLIC ${Boost_INCLUDE_DIRS})
target_compile_definitions(rollcall_asio PUBLIC
  BOOST_ASIO_SEPARATE_COMPILATION BOOST_BEAST_SEPARATE_COMPILATION
  BOOST_ASIO_NO_DEPRECATED BOOST_BEAST_USE_STD_STRING_VIEW)
target_link_libraries(rollcall_asio PUBLIC OpenSSL::SSL OpenSSL::Crypto Threads::Threads)
