# SPDX-License-Identifier: Apache-2.0
# What "cmake --install" puts where: libraries, headers, what pkg-config and CMake find them by, man pages, completions.
include(CMakePackageConfigHelpers)

set_target_properties(feth PROPERTIES EXPORT_NAME feth_static)
set_target_properties(fethif PROPERTIES EXPORT_NAME fethif_static)
set_target_properties(lwip PROPERTIES EXPORT_NAME lwip_static)
set(libraries feth fethif lwip)
if(FETH_SHARED)
  set_target_properties(feth_shared PROPERTIES EXPORT_NAME feth)
  set_target_properties(fethif_shared PROPERTIES EXPORT_NAME fethif)
  list(APPEND libraries feth_shared fethif_shared)
endif()
install(TARGETS ${libraries} EXPORT feth-targets)
install(EXPORT feth-targets NAMESPACE feth:: DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/feth)

install(DIRECTORY libfeth/include/feth DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.h")
# The driver's header needs lwIP's, and those need the options that the library was built with: a folder of their own,
# since a distribution's lwIP has others.
set(lwip_headers ${CMAKE_INSTALL_INCLUDEDIR}/feth-lwip)
install(DIRECTORY "${FETH_LWIP_INCLUDE_DIR}/lwip" "${FETH_LWIP_INCLUDE_DIR}/netif" DESTINATION ${lwip_headers}
  FILES_MATCHING PATTERN "*.h" PATTERN ppp EXCLUDE)
install(DIRECTORY netif/include/netif netif/port/include/arch DESTINATION ${lwip_headers}
  FILES_MATCHING PATTERN "*.h")
install(FILES netif/port/include/lwipopts.h DESTINATION ${lwip_headers})
if(FETH_LWIPOPTS_DIR)
  message(WARNING "FETH_LWIPOPTS_DIR is set: the installed lwipopts.h is feth's, not yours; "
    "programs must be built with yours")
endif()

# By name, not by their pkg-config files: libpcap's pulls in all that it is linked with itself, much of which has no
# static library.
set(FETH_PC_LIBS_PRIVATE ${CMAKE_THREAD_LIBS_INIT})
if(FETH_PCAP)
  list(PREPEND FETH_PC_LIBS_PRIVATE -lpcap)
endif()
if(FETH_OS STREQUAL "linux")
  list(PREPEND FETH_PC_LIBS_PRIVATE -lmnl)
endif()
list(JOIN FETH_PC_LIBS_PRIVATE " " FETH_PC_LIBS_PRIVATE)
# The prefix is found from where the file lies, so that the whole may be moved.
set(pc_dir ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
file(RELATIVE_PATH FETH_PC_PREFIX "/p/${pc_dir}" /p)
string(REGEX REPLACE "/$" "" FETH_PC_PREFIX "${FETH_PC_PREFIX}")
foreach(name IN ITEMS libfeth fethif)
  configure_file(cmake/${name}.pc.in ${CMAKE_CURRENT_BINARY_DIR}/${name}.pc @ONLY)
  install(FILES ${CMAKE_CURRENT_BINARY_DIR}/${name}.pc DESTINATION ${pc_dir})
endforeach()

configure_package_config_file(cmake/feth-config.cmake.in ${CMAKE_CURRENT_BINARY_DIR}/feth-config.cmake
  INSTALL_DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/feth)
write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/feth-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/feth-config.cmake ${CMAKE_CURRENT_BINARY_DIR}/feth-config-version.cmake
  DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/feth)

foreach(section IN ITEMS 3 8)
  install(DIRECTORY docs/man/ DESTINATION ${CMAKE_INSTALL_MANDIR}/man${section} FILES_MATCHING PATTERN "*.${section}")
endforeach()
install(FILES LICENSE README.md CHANGELOG.md docs/architecture.md docs/linux.md docs/macos.md docs/performance.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
if(FETH_BUILD_APPS)
  set(completions apps/fethctl/completions)
  install(FILES ${completions}/fethctl.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions
    RENAME fethctl)
  install(FILES ${completions}/_fethctl DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions)
  install(FILES ${completions}/fethctl.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
endif()
