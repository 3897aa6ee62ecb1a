# SPDX-License-Identifier: Apache-2.0
# What "cmake --install" puts where: libraries, headers, what pkg-config and CMake find them by, man pages, completions.
include(CMakePackageConfigHelpers)

# Two lists of targets, since distributions often leave static libraries out.
set(cmake_dir ${CMAKE_INSTALL_LIBDIR}/cmake/feth)
set_target_properties(feth PROPERTIES EXPORT_NAME feth_static)
set_target_properties(fethif PROPERTIES EXPORT_NAME fethif_static)
set_target_properties(lwip PROPERTIES EXPORT_NAME lwip_static)
install(TARGETS feth fethif lwip EXPORT feth-static)
install(EXPORT feth-static FILE feth-static-targets.cmake NAMESPACE feth:: DESTINATION ${cmake_dir})
if(FETH_SHARED)
  set_target_properties(feth_shared PROPERTIES EXPORT_NAME feth)
  set_target_properties(fethif_shared PROPERTIES EXPORT_NAME fethif)
  install(TARGETS feth_shared fethif_shared EXPORT feth-shared)
  install(EXPORT feth-shared FILE feth-shared-targets.cmake NAMESPACE feth:: DESTINATION ${cmake_dir})
endif()

install(DIRECTORY libfeth/include/feth DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.h")
# The driver's header needs lwIP's, and those need the options that the library was built with: a folder of their own,
# since a distribution's lwIP has others.  Of lwIP's headers those whose functions the library has.
set(lwip_headers ${CMAKE_INSTALL_INCLUDEDIR}/feth-lwip)
install(DIRECTORY "${FETH_LWIP_INCLUDE_DIR}/lwip" DESTINATION ${lwip_headers}
  FILES_MATCHING PATTERN "*.h" PATTERN apps EXCLUDE PATTERN sio.h EXCLUDE)
install(FILES "${FETH_LWIP_INCLUDE_DIR}/netif/ethernet.h" "${FETH_LWIP_INCLUDE_DIR}/netif/etharp.h"
  DESTINATION ${lwip_headers}/netif)
install(DIRECTORY netif/include/netif DESTINATION ${lwip_headers} FILES_MATCHING PATTERN "*.h")
# Beside lwIP's headers that include them, where a compiler looks first: a program that has used another lwIP has a
# lwipopts.h and arch/cc.h of its own, which would give lwIP's structures another layout than they have in the library.
install(DIRECTORY netif/port/include/arch DESTINATION ${lwip_headers}/lwip FILES_MATCHING PATTERN "*.h")
if(FETH_LWIPOPTS_DIR)
  # What comes next there is a matter of opinion among compilers: ours gets a name of its own.
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${FETH_LWIPOPTS_DIR}/lwipopts.h")
  file(READ "${FETH_LWIPOPTS_DIR}/lwipopts.h" options)
  string(REGEX REPLACE "# *include_next *[<\"]lwipopts.h[>\"]" "#include \"feth_lwipopts.h\"" options "${options}")
  file(WRITE "${CMAKE_CURRENT_BINARY_DIR}/options/lwipopts.h" "${options}")
  install(FILES "${CMAKE_CURRENT_BINARY_DIR}/options/lwipopts.h" DESTINATION ${lwip_headers}/lwip)
  install(FILES netif/port/include/lwipopts.h DESTINATION ${lwip_headers}/lwip RENAME feth_lwipopts.h)
else()
  install(FILES netif/port/include/lwipopts.h DESTINATION ${lwip_headers}/lwip)
endif()

# By name, not by their pkg-config files: libpcap's pulls in all that it is linked with itself, much of which has no
# static library.
set(private ${CMAKE_THREAD_LIBS_INIT})
if(FETH_PCAP)
  list(PREPEND private -lpcap)
endif()
if(FETH_OS STREQUAL "linux")
  list(PREPEND private -lmnl)
endif()
list(JOIN private " " private)
# Where there is no shared library, everybody has to link what the static one needs.
set(FETH_PC_LIBS "-lfeth")
set(FETHIF_PC_LIBS "-lfethif")
if(FETH_SHARED)
  set(FETH_PC_LIBS_PRIVATE "${private}")
  set(FETHIF_PC_LIBS_PRIVATE "-lfethlwip")
else()
  string(APPEND FETH_PC_LIBS " ${private}")
  string(APPEND FETHIF_PC_LIBS " -lfethlwip")
endif()
# The prefix is found from where the file lies, so that the whole may be moved; not a folder that was configured to be
# elsewhere.
set(pc_dir ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
if(IS_ABSOLUTE "${CMAKE_INSTALL_LIBDIR}")
  set(FETH_PC_PREFIX "${CMAKE_INSTALL_PREFIX}")
else()
  file(RELATIVE_PATH up "/p/${pc_dir}" /p)
  string(REGEX REPLACE "/$" "" up "${up}")
  set(FETH_PC_PREFIX "\${pcfiledir}/${up}")
endif()
foreach(dir IN ITEMS LIBDIR INCLUDEDIR)
  set(FETH_PC_${dir} "${CMAKE_INSTALL_${dir}}")
  if(NOT IS_ABSOLUTE "${FETH_PC_${dir}}")
    string(PREPEND FETH_PC_${dir} "\${prefix}/")
  endif()
endforeach()
foreach(name IN ITEMS libfeth fethif)
  configure_file(cmake/${name}.pc.in ${CMAKE_CURRENT_BINARY_DIR}/${name}.pc @ONLY)
  install(FILES ${CMAKE_CURRENT_BINARY_DIR}/${name}.pc DESTINATION ${pc_dir})
endforeach()

configure_package_config_file(cmake/feth-config.cmake.in ${CMAKE_CURRENT_BINARY_DIR}/feth-config.cmake
  INSTALL_DESTINATION ${cmake_dir} PATH_VARS CMAKE_INSTALL_LIBDIR)
# As the libraries' SONAME, which has the major version.
write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/feth-config-version.cmake COMPATIBILITY SameMajorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/feth-config.cmake ${CMAKE_CURRENT_BINARY_DIR}/feth-config-version.cmake
  DESTINATION ${cmake_dir})

foreach(section IN ITEMS 3 8)
  install(DIRECTORY docs/man/ DESTINATION ${CMAKE_INSTALL_MANDIR}/man${section} FILES_MATCHING PATTERN "*.${section}")
endforeach()
install(FILES LICENSE README.md CHANGELOG.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY docs/ DESTINATION ${CMAKE_INSTALL_DOCDIR} FILES_MATCHING PATTERN "*.md" PATTERN man EXCLUDE)
if(FETH_BUILD_APPS)
  set(completions apps/fethctl/completions)
  install(FILES ${completions}/fethctl.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions
    RENAME fethctl)
  install(FILES ${completions}/_fethctl DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions)
  install(FILES ${completions}/fethctl.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
endif()
