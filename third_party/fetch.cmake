# SPDX-License-Identifier: Apache-2.0
# Download and unpack, without ending the configure run where it fails: the caller may know another way.
include(FetchContent)

# Download url to file; the SHA-256 must match.  Bounded, so that a machine without a network is told quickly.
#   why: "" or what went wrong
function(feth_download url sha256 file why)
  if(EXISTS "${file}")
    file(SHA256 "${file}" have)
    if(have STREQUAL sha256)
      set(${why} "" PARENT_SCOPE)
      return()
    endif()
  endif()
  file(DOWNLOAD "${url}" "${file}.part" STATUS status TIMEOUT 60 INACTIVITY_TIMEOUT 10 TLS_VERIFY ON)
  list(GET status 0 code)
  if(NOT code EQUAL 0)
    list(GET status 1 text)
    file(REMOVE "${file}.part")
    set(${why} "${url}: ${text}" PARENT_SCOPE)
    return()
  endif()
  file(SHA256 "${file}.part" have)
  if(NOT have STREQUAL sha256)
    file(REMOVE "${file}.part")
    set(${why} "${url}: its SHA-256 is ${have}, not ${sha256}" PARENT_SCOPE)
    return()
  endif()
  file(RENAME "${file}.part" "${file}")
  set(${why} "" PARENT_SCOPE)
endfunction()

# Unpack an archive whose SHA-256 is known to dir, without its topmost folder.
function(feth_unpack name archive sha256 dir)
  if(POLICY CMP0135) # file times as of now, so that a changed archive is compiled again; CMake 3.24
    cmake_policy(SET CMP0135 NEW)
  endif()
  # No CMakeLists.txt of theirs is wanted: SOURCE_SUBDIR names a folder without one.
  FetchContent_Declare(${name}
    URL "${archive}" URL_HASH SHA256=${sha256}
    SOURCE_DIR "${dir}" SOURCE_SUBDIR none-of-theirs)
  FetchContent_MakeAvailable(${name})
endfunction()

# Download the original tarball of a Debian source package, on Debian.
#   why: "" or what went wrong
function(feth_download_debian suite package sha256 file why)
  find_program(FETH_APT_GET apt-get)
  mark_as_advanced(FETH_APT_GET)
  if(NOT FETH_APT_GET)
    set(${why} "no apt-get on this system" PARENT_SCOPE)
    return()
  endif()
  execute_process(
    COMMAND sh "${CMAKE_CURRENT_FUNCTION_LIST_DIR}/fetch-debian.sh" ${suite} ${package} "${file}" ${sha256}
    RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output TIMEOUT 300)
  if(NOT result EQUAL 0)
    string(STRIP "${output}" output)
    string(REPLACE "\n" "\n    " output "${output}")
    if(NOT result MATCHES "^[0-9]+$")
      string(APPEND output " (${result})")
    endif()
    set(${why} "${output}" PARENT_SCOPE)
    return()
  endif()
  set(${why} "" PARENT_SCOPE)
endfunction()
