# The web console: npm builds it, the assembler's .incbin puts the files into the library kavach_web.
# npm runs only when package-lock.json or a source has changed, so that a build without network works
# once node_modules is there.

find_program(NPM npm)
find_program(NODE node)
if(NOT NPM OR NOT NODE)
  message(FATAL_ERROR "The web console is built with Node.js 18 or newer: apt-get install nodejs npm.")
endif()

set(web_source ${CMAKE_SOURCE_DIR}/web)
set(web_output ${CMAKE_BINARY_DIR}/web)
file(GLOB_RECURSE web_inputs CONFIGURE_DEPENDS ${web_source}/src/*)
list(APPEND web_inputs ${web_source}/build.mjs ${web_source}/embed.mjs ${web_source}/tsconfig.json)

add_custom_command(
  OUTPUT ${web_source}/node_modules/.package-lock.json
  COMMAND ${NPM} ci --ignore-scripts --no-audit --no-fund --prefer-offline --loglevel=error
  DEPENDS ${web_source}/package.json ${web_source}/package-lock.json
  WORKING_DIRECTORY ${web_source}
  COMMENT "Fetching the web console's packages from the npm registry"
  VERBATIM)

add_custom_command(
  OUTPUT ${web_output}/embedded.S ${web_output}/embedded_files.cpp
  COMMAND ${NPM} run --silent check
  COMMAND ${NODE} build.mjs ${web_output}/dist
  COMMAND ${NODE} embed.mjs ${web_output}/dist ${web_output}
  DEPENDS ${web_inputs} ${web_source}/node_modules/.package-lock.json
  WORKING_DIRECTORY ${web_source}
  COMMENT "Building the web console"
  VERBATIM)

add_library(kavach_web STATIC ${web_output}/embedded.S ${web_output}/embedded_files.cpp)
target_link_libraries(kavach_web PRIVATE kavach_flags)

if(KAVACH_TESTS)
  enable_testing()
  add_test(NAME web COMMAND ${NODE} test.mjs WORKING_DIRECTORY ${web_source})
endif()
