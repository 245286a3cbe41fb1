# What `cmake --install` leaves: header, both libraries, a CMake package and a pkg-config file.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

install(TARGETS udc_shared LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT udc)
install(TARGETS udc_static ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT udc)
install(FILES include/udc/udc.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/udc COMPONENT udc)

set(UDC_PACKAGE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/udc)
configure_package_config_file(cmake/udc-config.cmake.in ${CMAKE_CURRENT_BINARY_DIR}/udc-config.cmake
  INSTALL_DESTINATION ${UDC_PACKAGE_DIR}
  PATH_VARS CMAKE_INSTALL_LIBDIR CMAKE_INSTALL_INCLUDEDIR)
write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/udc-config-version.cmake
  COMPATIBILITY SameMajorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/udc-config.cmake ${CMAKE_CURRENT_BINARY_DIR}/udc-config-version.cmake
  DESTINATION ${UDC_PACKAGE_DIR} COMPONENT udc)

# The file finds its own prefix, so that an installed tree can be moved.
file(RELATIVE_PATH UDC_PREFIX_FROM_PC /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
configure_file(cmake/udc.pc.in ${CMAKE_CURRENT_BINARY_DIR}/udc.pc @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/udc.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT udc)
