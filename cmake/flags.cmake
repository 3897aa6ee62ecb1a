# SPDX-License-Identifier: Apache-2.0
# feth_flags: what our own code is compiled with.  feth_sanitize: what everything is, lwIP included.

add_library(feth_sanitize INTERFACE)
if(FETH_SANITIZE)
  target_compile_options(feth_sanitize INTERFACE
    -fsanitize=${FETH_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(feth_sanitize INTERFACE -fsanitize=${FETH_SANITIZE})
endif()

add_library(feth_flags INTERFACE)
target_compile_options(feth_flags INTERFACE -Wall -Wextra -Wconversion -Wshadow)
if(FETH_WERROR)
  target_compile_options(feth_flags INTERFACE -Werror)
endif()
if(FETH_OS STREQUAL "linux")
  # sendmmsg, recvmmsg, unshare and the like; macOS shows everything by default
  target_compile_definitions(feth_flags INTERFACE _GNU_SOURCE)
endif()
target_link_libraries(feth_flags INTERFACE feth_sanitize)
