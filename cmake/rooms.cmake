# A room is a folder of src/ and a static library of the same name. The libraries it may use are
# listed where it is declared (src/CMakeLists.txt); tests/style proves it from the #include lines.

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
