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
    string(REPLACE "," ";" sanitizers "${HEARTH_SANITIZE}")
    target_compile_options(${target} PRIVATE
      -fsanitize=${HEARTH_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
    target_link_options(${target} PRIVATE -fsanitize=${HEARTH_SANITIZE})
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
      # What sanitizers add makes GCC 12 see uninitialized uses that there are not. Asio has fences, which g++ warns
      # that the thread sanitizer does not see; it has locks at the same places.
      target_compile_options(${target} PRIVATE -Wno-maybe-uninitialized -Wno-tsan)
      if("undefined" IN_LIST sanitizers)
        # Checks of each pointer that is used, a third of compiling: the address sanitizer finds null pointers too, and
        # the fuzz targets, which clang compiles, look at the rest where bytes from outside are read.
        target_compile_options(${target} PRIVATE -fno-sanitize=null,alignment,object-size)
      endif()
    endif()
  endif()
endfunction()
