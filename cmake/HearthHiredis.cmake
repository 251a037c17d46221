# The imported target hearth::hiredis. Debian's package has no CMake files of its own.
if(NOT TARGET hearth::hiredis)
  find_path(HEARTH_HIREDIS_INCLUDE_DIR hiredis/hiredis.h)
  find_library(HEARTH_HIREDIS_LIBRARY hiredis)
  mark_as_advanced(HEARTH_HIREDIS_INCLUDE_DIR HEARTH_HIREDIS_LIBRARY)
  if(NOT HEARTH_HIREDIS_INCLUDE_DIR OR NOT HEARTH_HIREDIS_LIBRARY)
    message(FATAL_ERROR "hiredis is missing; Debian has it in libhiredis-dev")
  endif()
  add_library(hearth::hiredis UNKNOWN IMPORTED)
  set_target_properties(hearth::hiredis PROPERTIES
    IMPORTED_LOCATION "${HEARTH_HIREDIS_LIBRARY}"
    INTERFACE_INCLUDE_DIRECTORIES "${HEARTH_HIREDIS_INCLUDE_DIR}")
endif()
