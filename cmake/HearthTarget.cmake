# What every target of the project is compiled with.

set(HEARTH_WARNINGS -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # GCC 12 takes the inlined `"text" + std::string` for an overlapping copy (its bug 105651).
  list(APPEND HEARTH_WARNINGS -Wno-restrict)
endif()

# hearth_target(<target>): C++20, warnings as errors, hidden symbols, and the tree's sanitizers.
function(hearth_target target)
  set_target_properties(${target} PROPERTIES
    CXX_STANDARD 20
    CXX_STANDARD_REQUIRED ON
    CXX_EXTENSIONS OFF
    CXX_VISIBILITY_PRESET hidden
    VISIBILITY_INLINES_HIDDEN ON)
  target_compile_options(${target} PRIVATE ${HEARTH_WARNINGS})
  if(HEARTH_SANITIZE)
    target_compile_options(${target} PRIVATE
      -fsanitize=${HEARTH_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
    target_link_options(${target} PRIVATE -fsanitize=${HEARTH_SANITIZE})
  endif()
endfunction()
