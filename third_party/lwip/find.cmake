# SPDX-License-Identifier: Apache-2.0
# Find the source of lwIP, in this order:
#   1. -DLWIP_DIR=…, which must be release 2.2.1
#   2. ${FETH_DEPS_DIR}/lwip-2.2.1, unpacked there before
#   3. the upstream release
#   4. on Debian, the source package of the same release
# feth_find_lwip(dir) sets dir in the caller's scope, or ends the configure run.

set(feth_lwip_version 2.2.1)
set(feth_lwip_url https://download.savannah.nongnu.org/releases/lwip/lwip-2.2.1.zip)
set(feth_lwip_sha256 7b622662dba2383d71f874f2e494b54ae948531559c17acbe75797966d646878)
# Debian's tarball of it: the same files, without the generated documentation
set(feth_lwip_debian_sha256 83729c274c499d3348e9fbbe043a3113f3fa8953e7efddc7c21c7fcbb1f2b7b1)

# The version of an unpacked source, "" where there is none.
function(feth_lwip_version_of dir version)
  set(${version} "" PARENT_SCOPE)
  if(NOT EXISTS "${dir}/src/include/lwip/init.h")
    return()
  endif()
  set(text "")
  foreach(part MAJOR MINOR REVISION)
    file(STRINGS "${dir}/src/include/lwip/init.h" line REGEX "^#define LWIP_VERSION_${part} ")
    if(NOT line MATCHES "LWIP_VERSION_${part} +([0-9]+)")
      return()
    endif()
    list(APPEND text ${CMAKE_MATCH_1})
  endforeach()
  list(JOIN text "." text)
  file(STRINGS "${dir}/src/include/lwip/init.h" line REGEX "^#define LWIP_VERSION_RC ")
  if(NOT line MATCHES "LWIP_RC_RELEASE")
    string(APPEND text ".dev")
  endif()
  set(${version} "${text}" PARENT_SCOPE)
endfunction()

function(feth_find_lwip result)
  if(LWIP_DIR)
    file(REAL_PATH "${LWIP_DIR}" dir BASE_DIRECTORY "${CMAKE_SOURCE_DIR}" EXPAND_TILDE)
    feth_lwip_version_of("${dir}" version)
    if(version STREQUAL "")
      message(FATAL_ERROR "LWIP_DIR is ${dir}, and there is no lwIP: src/include/lwip/init.h is missing")
    elseif(NOT version STREQUAL feth_lwip_version)
      message(FATAL_ERROR "LWIP_DIR is ${dir}, which is lwIP ${version}: ${feth_lwip_version} is needed")
    endif()
    set(${result} "${dir}" PARENT_SCOPE)
    return()
  endif()

  set(dir "${FETH_DEPS_DIR}/lwip-${feth_lwip_version}")
  set(${result} "${dir}" PARENT_SCOPE)
  file(MAKE_DIRECTORY "${FETH_DEPS_DIR}")
  # Two build directories may be configured at once; the lock goes with the end of this function.
  file(LOCK "${FETH_DEPS_DIR}" DIRECTORY GUARD FUNCTION TIMEOUT 400)
  feth_lwip_version_of("${dir}" version)
  if(version STREQUAL feth_lwip_version)
    return()
  endif()

  message(STATUS "lwIP ${feth_lwip_version}: downloading the release")
  feth_download(${feth_lwip_url} ${feth_lwip_sha256} "${FETH_DEPS_DIR}/lwip-${feth_lwip_version}.zip" upstream)
  if(upstream STREQUAL "")
    feth_unpack(lwip "${FETH_DEPS_DIR}/lwip-${feth_lwip_version}.zip" ${feth_lwip_sha256} "${dir}")
    return()
  endif()
  message(STATUS "lwIP ${feth_lwip_version}: ${upstream}")
  message(STATUS "lwIP ${feth_lwip_version}: downloading Debian's source package")
  feth_download_debian(trixie lwip ${feth_lwip_debian_sha256} "${FETH_DEPS_DIR}/lwip-debian.tar.xz" debian)
  if(debian STREQUAL "")
    feth_unpack(lwip-debian "${FETH_DEPS_DIR}/lwip-debian.tar.xz" ${feth_lwip_debian_sha256} "${dir}")
    return()
  endif()
  message(FATAL_ERROR
    "The source of lwIP ${feth_lwip_version} could not be had.  Tried:\n"
    "  ${dir}: not unpacked there\n"
    "  ${upstream}\n"
    "  Debian's source package: ${debian}\n"
    "Unpack the release somewhere and configure with -DLWIP_DIR=<folder that contains src/>.")
endfunction()
