# cmake -DENTRIES=ADDRESS=FILE;... -DHEADER=... -DFUNCTION=a::b::name -DOUTPUT=... -P write_assets.cmake
# Writes one C++ file with each text file as a raw string.

set(type_html "text/html; charset=utf-8")
set(type_css "text/css; charset=utf-8")
set(type_js "text/javascript; charset=utf-8")
set(type_svg "image/svg+xml")

set(delimiter "page_file")
set(table "")
foreach(entry IN LISTS ENTRIES)
  string(REGEX MATCH "^([^=]*)=(.*)$" matched "${entry}")
  set(address "${CMAKE_MATCH_1}")
  set(path "${CMAKE_MATCH_2}")
  string(REGEX MATCH "[^.]*$" ending "${path}")
  if(NOT DEFINED type_${ending})
    message(FATAL_ERROR "write_assets.cmake knows no content type for ${path}")
  endif()
  file(SHA256 ${path} digest)
  file(READ ${path} body)
  string(FIND "${body}" ")${delimiter}\"" clash)
  if(NOT clash EQUAL -1)
    message(FATAL_ERROR "${path} contains the end mark of a raw string")
  endif()
  string(APPEND table
    "    {\"${address}\", \"${type_${ending}}\", \"\\\"${digest}\\\"\", R\"${delimiter}(${body})${delimiter}\"},\n")
endforeach()

string(REGEX MATCH "^(.*)::([^:]*)$" matched "${FUNCTION}")
file(WRITE ${OUTPUT} "#include \"${HEADER}\"

namespace ${CMAKE_MATCH_1} {
namespace {

constexpr web::Asset files[] = {
${table}};

}  // namespace

std::span<const web::Asset> ${CMAKE_MATCH_2}() { return files; }

}  // namespace ${CMAKE_MATCH_1}
")
