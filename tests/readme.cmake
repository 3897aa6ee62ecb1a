# SPDX-License-Identifier: Apache-2.0
# The program in README.md, which has to compile and to run: the first block of C in it.
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/README.md)
file(READ ${PROJECT_SOURCE_DIR}/README.md readme)
string(FIND "${readme}" "\n```c\n" begin)
if(begin EQUAL -1)
  message(FATAL_ERROR "README.md has no block of C")
endif()
math(EXPR begin "${begin} + 6")
string(SUBSTRING "${readme}" ${begin} -1 program)
string(FIND "${program}" "\n```\n" end)
string(SUBSTRING "${program}" 0 ${end} program)
file(CONFIGURE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/readme.c CONTENT "@program@\n" @ONLY)

add_executable(readme_program ${CMAKE_CURRENT_BINARY_DIR}/readme.c)
target_link_libraries(readme_program PRIVATE feth::feth feth_flags)
