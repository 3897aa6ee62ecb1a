# SPDX-License-Identifier: Apache-2.0
# feth_xnu_names(FILE): writes a header with a line CONSTANT(NAME) for each XNU_NAME of darwin/xnu*.h, so that none is
# forgotten where all are compared with something.  Those that the system's headers do not have are left out, unless
# FETH_XNU_ALL is defined.
function(feth_xnu_names out)
  file(GLOB headers "${CMAKE_CURRENT_FUNCTION_LIST_DIR}/xnu*.h") # a new one makes xnu.h change, too
  if(NOT CMAKE_SCRIPT_MODE_FILE)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${headers})
  endif()
  set(text "")
  foreach(header IN LISTS headers)
    file(STRINGS "${header}" lines REGEX "^#define XNU_[A-Za-z0-9_]+ ")
    foreach(line IN LISTS lines)
      string(REGEX REPLACE "^#define XNU_([A-Za-z0-9_]+) .*" "\\1" name "${line}")
      string(APPEND text "#if defined(${name}) || defined(FETH_XNU_ALL)\nCONSTANT(${name})\n#endif\n")
    endforeach()
  endforeach()
  file(CONFIGURE OUTPUT "${out}" CONTENT "${text}" @ONLY)
endfunction()
