# The imported target hearth::prometheus, the core of prometheus-cpp. The package's own CMake files also want what its
# other libraries need.
if(NOT TARGET hearth::prometheus)
  find_path(HEARTH_PROMETHEUS_INCLUDE_DIR prometheus/text_serializer.h)
  find_library(HEARTH_PROMETHEUS_LIBRARY prometheus-cpp-core)
  mark_as_advanced(HEARTH_PROMETHEUS_INCLUDE_DIR HEARTH_PROMETHEUS_LIBRARY)
  if(NOT HEARTH_PROMETHEUS_INCLUDE_DIR OR NOT HEARTH_PROMETHEUS_LIBRARY)
    message(FATAL_ERROR "prometheus-cpp is missing; Debian has it in prometheus-cpp-dev")
  endif()
  add_library(hearth::prometheus UNKNOWN IMPORTED)
  set_target_properties(hearth::prometheus PROPERTIES
    IMPORTED_LOCATION "${HEARTH_PROMETHEUS_LIBRARY}"
    INTERFACE_INCLUDE_DIRECTORIES "${HEARTH_PROMETHEUS_INCLUDE_DIR}")
endif()
