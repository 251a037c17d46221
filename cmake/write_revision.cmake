# cmake -Dfolder=<path> -Drevision=<text> -Doutput=<file.cpp> -P write_revision.cmake
# Writes a C++ file that has the revision of the sources in the folder: the one that is given; else the commit that is
# checked out there, with `-dirty` if files differ from it; else `unknown`, as of sources without a repository. A file
# that says so already stays as it is.

# Not of a repository that the folder merely lies in; and nobody who works in it meanwhile is held up.
cmake_path(GET folder PARENT_PATH above)
set(git "${CMAKE_COMMAND}" -E env --unset=GIT_DIR --unset=GIT_WORK_TREE --unset=GIT_INDEX_FILE
  "GIT_CEILING_DIRECTORIES=${above}" git --no-optional-locks)

function(ask_git variable)
  execute_process(COMMAND ${git} ${ARGN} WORKING_DIRECTORY "${folder}"
    RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_QUIET OUTPUT_STRIP_TRAILING_WHITESPACE)
  if(NOT result EQUAL 0)
    set(output "unknown")
  endif()
  set(${variable} "${output}" PARENT_SCOPE)
endfunction()

if(NOT revision)
  ask_git(revision rev-parse --short=12 HEAD)
  if(NOT revision STREQUAL "unknown")
    ask_git(changes status --porcelain --untracked-files=no)
    if(changes)
      string(APPEND revision "-dirty")
    endif()
  endif()
endif()
if(NOT revision MATCHES "^[0-9A-Za-z._+/-]+$")
  message(FATAL_ERROR "HEARTH_REVISION is `${revision}`; it may be made of letters, digits and ._+/- alone")
endif()

set(text "#include \"revision.hpp\"\n\nnamespace hearth::app {\n\nstd::string_view revision() noexcept { return \"${revision}\"; }\n\n}  // namespace hearth::app\n")
set(before)
if(EXISTS "${output}")
  file(READ "${output}" before)
endif()
if(NOT text STREQUAL before)
  file(WRITE "${output}" "${text}")
endif()
