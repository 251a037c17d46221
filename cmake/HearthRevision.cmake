# Of which revision the sources are that the command is built of, for its metrics.

set(HEARTH_REVISION "" CACHE STRING "Revision of the sources, where git cannot say: what is built has it in its metrics")

# hearth_revision(<target>): has the target tell it ("revision.hpp"). Each build asks git, in a few milliseconds; the one
# small file that has the answer changes, and is compiled and linked, only when that does.
function(hearth_revision target)
  set(source "${CMAKE_CURRENT_BINARY_DIR}/${target}_revision/revision.cpp")
  add_custom_target(${target}_revision
    COMMAND ${CMAKE_COMMAND} "-Dfolder=${PROJECT_SOURCE_DIR}" "-Drevision=${HEARTH_REVISION}" "-Doutput=${source}"
      -P "${PROJECT_SOURCE_DIR}/cmake/write_revision.cmake"
    BYPRODUCTS "${source}"
    VERBATIM)
  target_sources(${target} PRIVATE "${source}")
  add_dependencies(${target} ${target}_revision)
endfunction()
