# Compiles through ccache where it is installed.

find_program(HEARTH_CCACHE ccache)
mark_as_advanced(HEARTH_CCACHE)
if(HEARTH_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # What a file includes it takes from the compiler (depend), instead of preprocessing each file that it does not know.
  # Without the sloppiness it would not keep what is compiled with a precompiled header, into which it cannot see.
  set(CMAKE_CXX_COMPILER_LAUNCHER
    "${CMAKE_COMMAND}" -E env CCACHE_DEPEND=true CCACHE_SLOPPINESS=pch_defines,time_macros "${HEARTH_CCACHE}")
endif()
