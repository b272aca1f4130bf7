# What every target of the project has in common.

find_program(ZFACET_CCACHE ccache)
if(ZFACET_CCACHE)
  set(CMAKE_C_COMPILER_LAUNCHER ${ZFACET_CCACHE})
endif()

# Programs lie anywhere in memory, and libzfacet is made from the same object files: docs/decisions/12-position-independent.md.
# But programs with sanitizers have half a million addresses for the loader to write: a third of each start.
if(ZFACET_SANITIZE)
  add_link_options($<$<STREQUAL:$<TARGET_PROPERTY:TYPE>,EXECUTABLE>:-no-pie>)
else()
  include(CheckPIESupported)
  check_pie_supported(LANGUAGES C)
endif()
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_C_VISIBILITY_PRESET hidden)
add_compile_options(-fno-strict-aliasing -fwrapv -fno-math-errno)
# What users get is the same wherever it is built: no path of the sources in it (tests/install/reproducible).
file(RELATIVE_PATH ZFACET_TO_SOURCE ${PROJECT_BINARY_DIR} ${PROJECT_SOURCE_DIR})
add_compile_options("$<$<CONFIG:Release>:-ffile-prefix-map=${PROJECT_SOURCE_DIR}/=>"
                    "$<$<CONFIG:Release>:-ffile-prefix-map=${ZFACET_TO_SOURCE}/=>"
                    "$<$<CONFIG:Release>:-ffile-prefix-map=${PROJECT_BINARY_DIR}=.>")
add_compile_options(-Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith
                    -Wno-unused-parameter -Wno-missing-field-initializers)
if(ZFACET_WERROR)
  add_compile_options(-Werror)
endif()
if(ZFACET_SANITIZE)
  add_compile_options(-fsanitize=${ZFACET_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
endif()
# What is undefined traps, and the address sanitizer says where (ASAN_OPTIONS=handle_sigill=1): the words for each
# check were 12 MB of each program's data, and their library has 6 MB more, which its search for leaks reads at each end.
if(ZFACET_SANITIZE MATCHES "address.*undefined")
  add_compile_options(-fsanitize-undefined-trap-on-error)
  add_link_options(-fsanitize=address)
elseif(ZFACET_SANITIZE)
  add_link_options(-fsanitize=${ZFACET_SANITIZE})
endif()
# What executes guest code: its accesses to storage are the guest's, and so are its races. All that CPUs and
# threads share beside storage stays with the thread sanitizer.
if(ZFACET_SANITIZE MATCHES "thread")
  set(ZFACET_GUEST_CODE -fno-sanitize=thread)
endif()
if(ZFACET_COVERAGE)
  add_compile_options(--coverage)
  add_link_options(--coverage)
endif()

# zf_library(NAME SOURCES a.c ... [BASES room/include ...] [HEADERS include/zfacet/x.h ...] [DEPENDS lib ...])
# One static library per folder; its public headers are under include/ (or BASES) and reach its users.
function(zf_library name)
  cmake_parse_arguments(arg "" "" "SOURCES;BASES;HEADERS;DEPENDS" ${ARGN})
  if(NOT arg_BASES)
    set(arg_BASES include)
  endif()
  add_library(${name} STATIC ${arg_SOURCES})
  target_sources(${name} PUBLIC FILE_SET HEADERS BASE_DIRS ${arg_BASES} FILES ${arg_HEADERS})
  target_include_directories(${name} PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
  target_link_libraries(${name} PUBLIC ${arg_DEPENDS})
endfunction()

# zf_test(NAME SOURCES a.c ... [DEPENDS lib ...] [LABELS l ...] [JOBS n])
# One Criterion program per test file, run by ctest; two of its tests side by side unless JOBS says else.
function(zf_test name)
  cmake_parse_arguments(arg "" "JOBS" "SOURCES;DEPENDS;LABELS" ${ARGN})
  if(NOT arg_JOBS)
    set(arg_JOBS 2)
  endif()
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE ${arg_DEPENDS} criterion)
  add_test(NAME ${name} COMMAND ${name} -j${arg_JOBS})
  if(ZFACET_SANITIZE MATCHES "thread") # Criterion's arena lies where the thread sanitizer has its own memory
    set_tests_properties(${name} PROPERTIES DISABLED TRUE)
  endif()
  set_tests_properties(${name} PROPERTIES LABELS "unit;${arg_LABELS}" TIMEOUT 600)
endfunction()
