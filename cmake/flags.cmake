# One place for every compiler and linker flag. All code is built with them, tests included.

add_library(kavach_flags INTERFACE)
target_include_directories(kavach_flags INTERFACE ${CMAKE_SOURCE_DIR}/src)
target_compile_definitions(kavach_flags INTERFACE
  BOOST_ASIO_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED BOOST_BEAST_SEPARATE_COMPILATION
  BOOST_BEAST_USE_STD_STRING_VIEW)
target_compile_options(kavach_flags INTERFACE
  $<$<COMPILE_LANGUAGE:CXX>:-Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Wold-style-cast
  -Woverloaded-virtual -Wimplicit-fallthrough -Wconversion -Wno-sign-conversion -Wthread-safety
  -Wswitch-enum -Werror
  -ffile-prefix-map=${CMAKE_SOURCE_DIR}/= -fno-omit-frame-pointer>)
target_link_options(kavach_flags INTERFACE -fuse-ld=lld -Wl,-z,relro,-z,now,-z,noexecstack)

if(KAVACH_SANITIZE)
  target_compile_options(kavach_flags INTERFACE -fsanitize=${KAVACH_SANITIZE} -fno-sanitize-recover=all)
  target_link_options(kavach_flags INTERFACE -fsanitize=${KAVACH_SANITIZE})
else()
  target_compile_options(kavach_flags INTERFACE
    -D_FORTIFY_SOURCE=3 -fstack-protector-strong -fstack-clash-protection -fcf-protection=full
    -ftrivial-auto-var-init=zero)
  target_compile_definitions(kavach_flags INTERFACE _GLIBCXX_ASSERTIONS)
endif()
if(KAVACH_FUZZ)
  target_compile_options(kavach_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()
# Not through CMake, which gives libraries -fPIC and programs -fPIE and so splits the precompiled header.
target_compile_options(kavach_flags INTERFACE -fPIE)
set(CMAKE_EXE_LINKER_FLAGS "${CMAKE_EXE_LINKER_FLAGS} -pie")
