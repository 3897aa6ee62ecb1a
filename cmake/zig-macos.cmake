# SPDX-License-Identifier: Apache-2.0
# A toolchain that makes macOS programs on Linux, with Zig's C compiler (scripts/zig.sh --install).  The presets
# macos-arm64 and macos-x86_64 use it; the oldest system that the result runs on is macOS 11.
set(FETH_MACOS_ARCH "" CACHE STRING "arm64 or x86_64")
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES FETH_MACOS_ARCH)
if(FETH_MACOS_ARCH STREQUAL "arm64")
  set(machine aarch64)
elseif(FETH_MACOS_ARCH STREQUAL "x86_64")
  set(machine x86_64)
else()
  message(FATAL_ERROR "FETH_MACOS_ARCH is \"${FETH_MACOS_ARCH}\"; it must be arm64 or x86_64")
endif()

set(CMAKE_SYSTEM_NAME Darwin)
set(CMAKE_SYSTEM_VERSION 20) # macOS 11
set(CMAKE_SYSTEM_PROCESSOR ${FETH_MACOS_ARCH})

set(zig "${CMAKE_CURRENT_LIST_DIR}/../scripts/zig.sh")
cmake_path(NORMAL_PATH zig)
set(CMAKE_C_COMPILER "${zig}" cc)
set(CMAKE_C_COMPILER_TARGET ${machine}-macos.11.0)
# CMake's own trial passes a linker option that this one does not have.
set(CMAKE_C_ABI_COMPILED TRUE)
set(CMAKE_SIZEOF_VOID_P 8)
# Without optimisation Zig's would put undefined-behaviour traps in, which no other compiler does by itself.
set(CMAKE_C_FLAGS_INIT -fno-sanitize=undefined)

# The same program is the archiver.  It writes the index of symbols itself.
set(CMAKE_AR "${zig}" CACHE FILEPATH "")
set(CMAKE_RANLIB "${CMAKE_COMMAND}" CACHE FILEPATH "")
set(CMAKE_C_ARCHIVE_CREATE "<CMAKE_AR> ar qcs <TARGET> <LINK_FLAGS> <OBJECTS>")
set(CMAKE_C_ARCHIVE_APPEND "<CMAKE_AR> ar qs <TARGET> <LINK_FLAGS> <OBJECTS>")
set(CMAKE_C_ARCHIVE_FINISH "")

# What is built is what is installed: install_name_tool, which would change the paths in it, is not here, and a change
# would make the signature void that an arm64 Mac asks for.
set(CMAKE_USER_MAKE_RULES_OVERRIDE_C "${CMAKE_CURRENT_LIST_DIR}/zig-macos-rules.cmake")
set(CMAKE_BUILD_WITH_INSTALL_RPATH TRUE)

# Nothing of the building machine is linked.
set(CMAKE_FIND_ROOT_PATH "${CMAKE_BINARY_DIR}/sdk")
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)

# libpcap comes with macOS, but not with Zig; cmocka with neither.  There is a list of the functions of each to link
# with, and the headers are this machine's, in a folder without its other headers.
find_path(FETH_HOST_PCAP_INCLUDE_DIR pcap/pcap.h PATHS /usr/local/include /usr/include NO_CMAKE_FIND_ROOT_PATH)
find_path(FETH_HOST_CMOCKA_INCLUDE_DIR cmocka.h PATHS /usr/local/include /usr/include NO_CMAKE_FIND_ROOT_PATH)
get_property(trial GLOBAL PROPERTY IN_TRY_COMPILE)
if(FETH_HOST_PCAP_INCLUDE_DIR AND NOT trial)
  file(COPY "${FETH_HOST_PCAP_INCLUDE_DIR}/pcap" DESTINATION "${CMAKE_BINARY_DIR}/sdk/include")
  set(PCAP_INCLUDE_DIR "${CMAKE_BINARY_DIR}/sdk/include" CACHE PATH "")
  set(PCAP_LIBRARY "${CMAKE_CURRENT_LIST_DIR}/libpcap.tbd" CACHE FILEPATH "")
endif()
if(FETH_HOST_CMOCKA_INCLUDE_DIR AND NOT trial)
  file(GLOB headers "${FETH_HOST_CMOCKA_INCLUDE_DIR}/cmocka*.h")
  file(COPY ${headers} DESTINATION "${CMAKE_BINARY_DIR}/sdk/include")
  set(CMOCKA_INCLUDE_DIR "${CMAKE_BINARY_DIR}/sdk/include" CACHE PATH "")
  set(CMOCKA_LIBRARY "${CMAKE_CURRENT_LIST_DIR}/libcmocka.tbd" CACHE FILEPATH "")
endif()
