# `cmake --install build --prefix P` puts libn1, its headers, and what pkg-config and find_package(n1) look for below P.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

install(TARGETS n1_static n1_shared EXPORT n1Targets
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(DIRECTORY core/include/n1 DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.h")

set(N1_PACKAGE ${CMAKE_INSTALL_LIBDIR}/cmake/n1)
install(EXPORT n1Targets NAMESPACE n1:: DESTINATION ${N1_PACKAGE})
configure_package_config_file(core/cmake/n1Config.cmake.in n1Config.cmake INSTALL_DESTINATION ${N1_PACKAGE})
# Before 1.0 a new minor version may change anything.
write_basic_package_version_file(n1ConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/n1Config.cmake ${CMAKE_CURRENT_BINARY_DIR}/n1ConfigVersion.cmake DESTINATION ${N1_PACKAGE})

# Paths below the file itself: a prefix may be moved after it was made.
file(RELATIVE_PATH N1_PREFIX_FROM_PC "/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/")
configure_file(core/cmake/n1.pc.in n1.pc @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/n1.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
