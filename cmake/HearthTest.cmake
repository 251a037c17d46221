# hearth_test(<name> <seconds> <command>...): a test with its time limit. Its name begins with the tree's prefix. It finds
# the programs of the tree in TEST_COMMAND and TEST_WS_ECHO. What runs at once is counted in half cores (script/test):
# it takes two of them.
function(hearth_test name seconds)
  set(test "${HEARTH_TEST_PREFIX}${name}")
  add_test(NAME ${test} COMMAND ${ARGN})
  set_tests_properties(${test} PROPERTIES TIMEOUT ${seconds} PROCESSORS 2)
  if(TARGET hearth_command)
    set_property(TEST ${test} APPEND PROPERTY ENVIRONMENT "TEST_COMMAND=$<TARGET_FILE:hearth_command>")
  endif()
  if(TARGET ws_echo)
    set_property(TEST ${test} APPEND PROPERTY ENVIRONMENT "TEST_WS_ECHO=$<TARGET_FILE:ws_echo>")
  endif()
  if(HEARTH_SANITIZE STREQUAL "thread")
    hearth_test_property(${name} ENVIRONMENT "TSAN_OPTIONS=suppressions=${PROJECT_SOURCE_DIR}/tests/tsan.supp")
  endif()
endfunction()

# hearth_test_property(<name> <property> <value>): one more value of a property of a test.
function(hearth_test_property name property value)
  set_property(TEST "${HEARTH_TEST_PREFIX}${name}" APPEND PROPERTY ${property} "${value}")
endfunction()

# hearth_real_time(<name>): the test waits for timers and other processes most of the time, so that two fit on a core; but
# not with ThreadSanitizer, where everything takes longer. There are many, hence they come first.
function(hearth_real_time name)
  set(test "${HEARTH_TEST_PREFIX}${name}")
  if(NOT HEARTH_SANITIZE STREQUAL "thread")
    set_tests_properties(${test} PROPERTIES PROCESSORS 1)
  endif()
  set_tests_properties(${test} PROPERTIES COST 1000)
endfunction()

# hearth_test_code(<target>): for what tests alone are made of. It runs once, so optimising it takes longer than it saves.
function(hearth_test_code target)
  hearth_target(${target})
  target_compile_options(${target} PRIVATE -O0)
  target_include_directories(${target} PRIVATE "${PROJECT_SOURCE_DIR}/tests")
  if(target STREQUAL "hearth_test_support")
    target_precompile_headers(${target} PRIVATE ${HEARTH_PRECOMPILED} <gmock/gmock.h> <gtest/gtest.h>)
  else()
    target_precompile_headers(${target} REUSE_FROM hearth_test_support)
  endif()
endfunction()

# hearth_gtest(<name> <seconds> <file>...): the executable hearth_<name>, and the test <name> that runs it.
function(hearth_gtest name seconds)
  hearth_gtest_program(${name} ${ARGN})
  hearth_gtest_run(${name} ${name} ${seconds})
endfunction()

# hearth_real_time_gtest(<name> <seconds> <parts> <file>...): the executable hearth_<name>, and tests <name>/1, <name>/2
# and so on that run a part of it each, beside one another.
function(hearth_real_time_gtest name seconds parts)
  hearth_gtest_program(${name} ${ARGN})
  foreach(part RANGE 1 ${parts})
    math(EXPR index "${part} - 1")
    hearth_gtest_run(${name}/${part} ${name} ${seconds})
    hearth_test_property(${name}/${part} ENVIRONMENT "GTEST_TOTAL_SHARDS=${parts};GTEST_SHARD_INDEX=${index}")
    hearth_real_time(${name}/${part})
  endforeach()
endfunction()

function(hearth_gtest_program name)
  set(target hearth_${name})
  hearth_unite_tests(files ${name} ${ARGN})
  add_executable(${target} ${files})
  hearth_test_code(${target})
  target_link_libraries(${target} PRIVATE hearth_test_support GTest::gtest_main)
endfunction()

function(hearth_gtest_run test name seconds)
  hearth_test(${test} ${seconds} hearth_${name} --gtest_brief=1)
  # A run of nothing is no success.
  hearth_test_property(${test} FAIL_REGULAR_EXPRESSION "0 tests from 0 test suites")
endfunction()

# hearth_node_tests(<name> <seconds> <file.test.mjs>...): a test <name>/<file> for each, which waits most of the time.
# Their environment goes into the variable HEARTH_NODE_ENVIRONMENT.
function(hearth_node_tests name seconds)
  foreach(file IN LISTS ARGN)
    cmake_path(GET file FILENAME test)
    string(REPLACE ".test.mjs" "" test "${name}/${test}")
    hearth_test(${test} ${seconds} "${HEARTH_NODE}" --test "${file}")
    hearth_test_property(${test} ENVIRONMENT "${HEARTH_NODE_ENVIRONMENT}")
    hearth_real_time(${test})
  endforeach()
endfunction()

# hearth_suites_matching(<variable> <regex> <file>...): those of the files that have a suite whose name matches.
function(hearth_suites_matching variable regex)
  set(matching)
  foreach(file IN LISTS ARGN)
    file(STRINGS "${file}" suites REGEX "^(TEST|TEST_F|TEST_P|TYPED_TEST)\\([A-Za-z0-9_]*${regex}")
    if(suites)
      list(APPEND matching "${file}")
    endif()
  endforeach()
  set(${variable} "${matching}" PARENT_SCOPE)
endfunction()
