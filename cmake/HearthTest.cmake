# hearth_test(<name> <seconds> <command>...): a test with its time limit. Its name begins with the tree's prefix. It finds
# the programs of the tree in HEARTH_COMMAND and HEARTH_WS_ECHO.
function(hearth_test name seconds)
  set(test "${HEARTH_TEST_PREFIX}${name}")
  add_test(NAME ${test} COMMAND ${ARGN})
  set_tests_properties(${test} PROPERTIES TIMEOUT ${seconds})
  if(TARGET hearth_command)
    set_property(TEST ${test} APPEND PROPERTY ENVIRONMENT "HEARTH_COMMAND=$<TARGET_FILE:hearth_command>")
  endif()
  if(TARGET ws_echo)
    set_property(TEST ${test} APPEND PROPERTY ENVIRONMENT "HEARTH_WS_ECHO=$<TARGET_FILE:ws_echo>")
  endif()
  if(HEARTH_SANITIZE STREQUAL "thread")
    hearth_test_property(${name} ENVIRONMENT "TSAN_OPTIONS=suppressions=${PROJECT_SOURCE_DIR}/tests/tsan.supp")
  endif()
endfunction()

# hearth_test_property(<name> <property> <value>): one more property of a test.
function(hearth_test_property name property value)
  set_property(TEST "${HEARTH_TEST_PREFIX}${name}" APPEND PROPERTY ${property} "${value}")
endfunction()

# hearth_real_time(<name>): the test waits for timers of the server. Two such would take the cores from one another, so
# they run one at a time. That takes longer than all others together, hence they come first, and the others beside them.
function(hearth_real_time name)
  hearth_test_property(${name} RESOURCE_LOCK real_time)
  hearth_test_property(${name} COST 1000)
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
  set(target hearth_${name})
  set(files ${ARGN})
  if(HEARTH_SANITIZE)
    hearth_unite_tests(files ${name} ${files})
  endif()
  add_executable(${target} ${files})
  hearth_test_code(${target})
  target_link_libraries(${target} PRIVATE hearth_test_support GTest::gtest_main)
  hearth_test(${name} ${seconds} ${target} --gtest_brief=1)
  # A run of nothing is no success.
  hearth_test_property(${name} FAIL_REGULAR_EXPRESSION "0 tests from 0 test suites")
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
