# cmake -DWANTED=package.json;package-lock.json;.npmrc -DNPM=npm -DFOLDER=... -P fetch_web_libraries.cmake
# Installs exactly what the lock file names, without tools and without install scripts.

file(MAKE_DIRECTORY ${FOLDER})
file(COPY ${WANTED} DESTINATION ${FOLDER})
execute_process(
  COMMAND ${NPM} ci --omit=dev --ignore-scripts --no-update-notifier
  WORKING_DIRECTORY ${FOLDER}
  OUTPUT_VARIABLE output ERROR_VARIABLE output RESULT_VARIABLE failed)
if(failed)
  message(FATAL_ERROR "npm could not fetch preact and htm for the web pages; is the npm registry reachable? "
                      "Nothing else was changed, build again when it is. npm said:\n${output}")
endif()
file(TOUCH ${FOLDER}/stamp)
