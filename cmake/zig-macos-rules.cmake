# SPDX-License-Identifier: Apache-2.0
# For cmake/zig-macos.cmake, read after CMake's own rules for macOS.  Those ask the building machine for its version of
# macOS, and where it has none leave out how a file is told where its libraries are.
set(CMAKE_SHARED_LIBRARY_RUNTIME_C_FLAG "-Wl,-rpath,")
