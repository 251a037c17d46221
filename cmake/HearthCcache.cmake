# Compiles through ccache where it is installed.

find_program(HEARTH_CCACHE ccache)
mark_as_advanced(HEARTH_CCACHE)
if(HEARTH_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${HEARTH_CCACHE}")
endif()
