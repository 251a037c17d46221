# The Debian package: `script/package` makes it of what is installed as the component `command`.
set(HEARTH_PACKAGE_CONTACT "Hearth maintainers <maintainers@hearth.invalid>" CACHE STRING
  "Who is named as the maintainer of the Debian package")
set(deploy "${PROJECT_SOURCE_DIR}/deploy")
set(made "${PROJECT_BINARY_DIR}/package")

# What Debian calls a changelog is of the package; SOURCE_DATE_EPOCH stands for its time.
string(TIMESTAMP HEARTH_PACKAGE_DATE "%a, %d %b %Y %H:%M:%S +0000" UTC)
configure_file("${deploy}/debian/changelog.in" "${made}/changelog" @ONLY)

# Needs Python, so that it is made for the package alone.
add_custom_target(hearth_man_page
  COMMAND ${CMAKE_COMMAND} -E make_directory "${made}"
  COMMAND /usr/bin/python3 -B "${deploy}/make_man_page.py" $<TARGET_FILE:hearth_command> ${PROJECT_VERSION} > "${made}/hearth.1"
  COMMAND gzip -9nf "${made}/hearth.1"
  COMMAND gzip -9nc "${PROJECT_SOURCE_DIR}/CHANGELOG.md" > "${made}/NEWS.md.gz"
  COMMAND gzip -9nc "${made}/changelog" > "${made}/changelog.gz"
  DEPENDS hearth_command
  VERBATIM)

install(FILES "${deploy}/systemd/hearth.service" "${deploy}/systemd/hearth.socket"
  DESTINATION "/lib/systemd/system" COMPONENT package EXCLUDE_FROM_ALL)
install(FILES "${deploy}/completion/hearth"
  DESTINATION "${CMAKE_INSTALL_DATADIR}/bash-completion/completions" COMPONENT package EXCLUDE_FROM_ALL)
install(FILES "${made}/hearth.1.gz" DESTINATION "${CMAKE_INSTALL_MANDIR}/man1" COMPONENT package EXCLUDE_FROM_ALL)
install(FILES "${made}/changelog.gz" "${made}/NEWS.md.gz" "${deploy}/debian/copyright"
  DESTINATION "${CMAKE_INSTALL_DATADIR}/doc/hearth" COMPONENT package EXCLUDE_FROM_ALL)
install(FILES "${deploy}/grafana.json" "${deploy}/alerts.yml" "${deploy}/nginx.conf" "${deploy}/Caddyfile"
  DESTINATION "${CMAKE_INSTALL_DATADIR}/doc/hearth/examples" COMPONENT package EXCLUDE_FROM_ALL)
install(DIRECTORY DESTINATION "/etc/hearth" DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE
  GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE COMPONENT package EXCLUDE_FROM_ALL)
# Nothing is left to be overwritten once it runs.
target_link_options(hearth_command PRIVATE "LINKER:-z,relro,-z,now")
install(TARGETS hearth_command RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}" COMPONENT package EXCLUDE_FROM_ALL)

set(CPACK_GENERATOR DEB)
set(CPACK_SET_DESTDIR ON)
set(CPACK_INSTALL_PREFIX "/usr")
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_CMAKE_PROJECTS "${PROJECT_BINARY_DIR};hearth;package;/")
set(CPACK_PACKAGE_DIRECTORY "${made}")
set(CPACK_PACKAGE_NAME hearth)
set(CPACK_PACKAGE_CONTACT "${HEARTH_PACKAGE_CONTACT}")
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS adduser)
set(CPACK_DEBIAN_PACKAGE_SUGGESTS redis-server)
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "real-time WebSocket server: rooms, users, clusters")
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION "\
Web pages and other clients connect to it, join rooms and hear at once what\n\
happens there. It runs beside a backend in any language: tokens say who\n\
somebody is, rules say what a room allows, an HTTP API publishes. Several\n\
instances join through Redis.")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA "${deploy}/debian/postinst;${deploy}/debian/prerm;${deploy}/debian/postrm")
include(CPack)
