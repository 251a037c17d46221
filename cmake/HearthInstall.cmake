# `cmake --install`: headers, both libraries and the package for find_package(hearth). The command is installed by app/.
# The two libraries are exported apart, so that a user of the shared one needs nothing of what stands behind it.
include(CMakePackageConfigHelpers)

set(package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/hearth")

install(DIRECTORY "${PROJECT_SOURCE_DIR}/include/" "${PROJECT_BINARY_DIR}/include/"
  DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}"
  FILES_MATCHING PATTERN "*.hpp")

foreach(library IN ITEMS hearth hearth_static)
  install(TARGETS ${library} EXPORT ${library}
    LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}"
    ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}")
  install(EXPORT ${library} NAMESPACE hearth:: DESTINATION "${package_dir}" FILE ${library}Targets.cmake)
endforeach()

configure_package_config_file(cmake/hearthConfig.cmake.in "${PROJECT_BINARY_DIR}/hearthConfig.cmake"
  INSTALL_DESTINATION "${package_dir}"
  NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file("${PROJECT_BINARY_DIR}/hearthConfigVersion.cmake" COMPATIBILITY SameMinorVersion)
install(FILES cmake/HearthHiredis.cmake "${PROJECT_BINARY_DIR}/hearthConfig.cmake" "${PROJECT_BINARY_DIR}/hearthConfigVersion.cmake"
  DESTINATION "${package_dir}")
