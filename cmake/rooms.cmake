# A room is a folder of src/ and a static library of the same name. The libraries it may use are
# listed where it is declared (src/CMakeLists.txt); tests/style proves it from the #include lines.

# The compiler is told the precompiled header only, not also its source by absolute path: that path is all
# that would keep ccache from sharing objects between clones.
set(CMAKE_CXX_COMPILE_OPTIONS_USE_PCH -Xclang -include-pch -Xclang <PCH_FILE>)

# A precompiled header names the folder it was built in, so ccache cannot compare two of them. It takes the
# digest in FILE.sum instead (CCACHE_PCH_EXTSUM in the presets): of all that the header expands to.
function(kavach_precompiled_digest target)
  set(expanded "")
  foreach(header ${ARGN})
    string(APPEND expanded "#include ${header}\n")
  endforeach()
  set(source ${CMAKE_BINARY_DIR}/${target}_precompiled.cpp)
  file(WRITE ${source} "${expanded}")
  execute_process(
    COMMAND ${CMAKE_CXX_COMPILER} -std=c++23 -E -P ${source}
    OUTPUT_VARIABLE text COMMAND_ERROR_IS_FATAL ANY)
  string(SHA256 digest "${CMAKE_CXX_COMPILER_VERSION}${text}")
  file(WRITE ${CMAKE_CURRENT_BINARY_DIR}/CMakeFiles/${target}.dir/cmake_pch.hxx.pch.sum ${digest})
endfunction()

# One precompiled header for all rooms: what nearly every file includes and none of ours.
function(kavach_room name)
  cmake_parse_arguments(ROOM "" "" "USES;LINKS" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${name}/*.cpp)
  list(FILTER sources EXCLUDE REGEX "/main\\.cpp$")
  add_library(kavach_${name} STATIC ${sources})
  list(TRANSFORM ROOM_USES PREPEND kavach_)
  target_link_libraries(kavach_${name} PUBLIC kavach_flags ${ROOM_USES} ${ROOM_LINKS})
  if(name STREQUAL "core")
    target_precompile_headers(kavach_core PRIVATE ${CMAKE_SOURCE_DIR}/cmake/precompiled.h)
    kavach_precompiled_digest(kavach_core "\"${CMAKE_SOURCE_DIR}/cmake/precompiled.h\"")
  else()
    target_precompile_headers(kavach_${name} REUSE_FROM kavach_core)
  endif()
endfunction()

# tests/<name>/*_test.cpp become one program, run as one test.
function(kavach_tests name)
  cmake_parse_arguments(TESTS "" "" "USES" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/${name}/*.cpp)
  if(NOT sources)
    return()
  endif()
  add_executable(${name}_tests ${sources})
  list(TRANSFORM TESTS_USES PREPEND kavach_)
  target_link_libraries(${name}_tests PRIVATE ${TESTS_USES} kavach_test_support GTest::gmock_main)
  target_precompile_headers(${name}_tests REUSE_FROM kavach_test_support)
  add_test(NAME ${name} COMMAND ${name}_tests WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
endfunction()
