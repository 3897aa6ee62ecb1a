# SPDX-License-Identifier: Apache-2.0
# The program in libfeth(3), which has to compile and to run: the literal block that includes <poll.h>.
set(page ${PROJECT_SOURCE_DIR}/docs/man/libfeth.3)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${page})
file(READ ${page} program)
string(FIND "${program}" "\n#include <poll.h>\n" begin)
if(begin EQUAL -1)
  message(FATAL_ERROR "libfeth.3 has no program")
endif()
string(SUBSTRING "${program}" ${begin} -1 program)
string(FIND "${program}" "\n.Ed\n" end)
string(SUBSTRING "${program}" 0 ${end} program)
string(REPLACE "\\e" "\\" program "${program}") # how roff writes a backslash
file(CONFIGURE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/man.c CONTENT "@program@\n" @ONLY)

add_executable(man_program ${CMAKE_CURRENT_BINARY_DIR}/man.c)
target_link_libraries(man_program PRIVATE feth::feth feth_flags)
