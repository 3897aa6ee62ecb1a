# SPDX-License-Identifier: Apache-2.0
# The programs as they are on macOS: from the same sources as their own targets, with the darwin folders in the place
# of the linux ones, over the macOS backend and the model of the kernel.

# What a target's link libraries become: each that has a twin is replaced by it.
function(feth_twin_libraries out)
  set(libraries)
  foreach(library IN LISTS ARGN)
    if(library MATCHES "^(feth|feth::feth)$")
      list(APPEND libraries feth_darwin)
    elseif(library STREQUAL "feth::fethif" AND TARGET fethif_darwin)
      list(APPEND libraries fethif_darwin)
    elseif(TARGET ${library}_darwin)
      list(APPEND libraries ${library}_darwin)
    else()
      list(APPEND libraries "${library}")
    endif()
  endforeach()
  set(${out} ${libraries} PARENT_SCOPE)
endfunction()

# feth_twin(NAME): NAME_darwin of a library, NAME-darwin of a program.
function(feth_twin name)
  get_target_property(type ${name} TYPE)
  get_target_property(folder ${name} SOURCE_DIR)
  get_target_property(sources ${name} SOURCES)
  # --netns is about where the program runs, which is on Linux here: that file stays
  list(TRANSFORM sources REPLACE "(^|/)linux/([^n][^/]*)$" "\\1darwin/\\2")
  list(TRANSFORM sources PREPEND "${folder}/" REGEX "^[^/]")
  if(type STREQUAL "EXECUTABLE")
    set(twin ${name}-darwin)
    add_executable(${twin} ${sources})
  else()
    set(twin ${name}_darwin)
    add_library(${twin} STATIC ${sources})
  endif()
  # What a program itself reads of getifaddrs() it reads by Linux's headers.
  target_compile_definitions(${twin} PRIVATE getifaddrs=__real_getifaddrs freeifaddrs=__real_freeifaddrs)
  foreach(scope IN ITEMS "" INTERFACE_)
    get_target_property(includes ${name} ${scope}INCLUDE_DIRECTORIES)
    if(includes)
      set_property(TARGET ${twin} APPEND PROPERTY ${scope}INCLUDE_DIRECTORIES ${includes})
    endif()
    get_target_property(libraries ${name} ${scope}LINK_LIBRARIES)
    if(libraries)
      feth_twin_libraries(libraries ${libraries})
      set_property(TARGET ${twin} APPEND PROPERTY ${scope}LINK_LIBRARIES ${libraries})
    endif()
  endforeach()
endfunction()

foreach(target IN ITEMS fethif feth_apps_common feth_responder feth_dissect lwip_echo_options
    lwip-echo icmp-responder fethctl)
  feth_twin(${target})
endforeach()

# ---- every call of a program failing ----------------------------------------------------------------------------------

add_executable(darwin_model_state model_state.c ${ctl_rig})
target_link_libraries(darwin_model_state PRIVATE feth_darwin feth_internals feth_flags feth_cmocka)
add_test(NAME darwin.doctor COMMAND bash ${PROJECT_SOURCE_DIR}/tests/darwin/doctor.sh)
set_tests_properties(darwin.doctor PROPERTIES LABELS darwin TIMEOUT 60
  ENVIRONMENT "FETHCTL=$<TARGET_FILE:fethctl-darwin>;MODEL_STATE=$<TARGET_FILE:darwin_model_state>;SANITIZE=${FETH_SANITIZE}")
set(programs fethctl lwip-echo icmp-responder)
if(NOT FETH_SANITIZE) # which is slow with the memory of its two handles
  list(APPEND programs doctor)
endif()
foreach(program IN LISTS programs)
  add_test(NAME darwin.program_faults.${program}
    COMMAND bash ${PROJECT_SOURCE_DIR}/tests/darwin/program_faults.sh ${program})
  set_tests_properties(darwin.program_faults.${program} PROPERTIES LABELS darwin TIMEOUT 500
    ENVIRONMENT "LWIP_ECHO=$<TARGET_FILE:lwip-echo-darwin>;FETHCTL=$<TARGET_FILE:fethctl-darwin>;RESPONDER=$<TARGET_FILE:icmp-responder-darwin>;MODEL_STATE=$<TARGET_FILE:darwin_model_state>")
endforeach()

# ---- the same system tests as on Linux ------------------------------------------------------------------------------

# feth_model_test(PATH NAME SCRIPT [ARGUMENT…]): a script of tests/system over one of the ways to send frames.
function(feth_model_test path name script)
  add_test(NAME darwin.${path}.${name}
    COMMAND bash ${PROJECT_SOURCE_DIR}/tests/darwin/with_model.sh ${path}
      bash ${PROJECT_SOURCE_DIR}/tests/system/${script} ${ARGN})
  set_tests_properties(darwin.${path}.${name} PROPERTIES LABELS "darwin;system" SKIP_RETURN_CODE 77 TIMEOUT 500
    ENVIRONMENT "LWIP_ECHO=$<TARGET_FILE:lwip-echo-darwin>;FETHCTL=$<TARGET_FILE:fethctl-darwin>;RESPONDER=$<TARGET_FILE:icmp-responder-darwin>;CLIENT=$<TARGET_FILE:feth_test_client>;SANITIZE=${FETH_SANITIZE}")
endfunction()

foreach(path IN ITEMS batch sendmsg_x writev)
  feth_model_test(${path} connections connections.sh)
  feth_model_test(${path} exit exit.sh)
  feth_model_test(${path} gc gc.sh)
  feth_model_test(${path} gone gone.sh)
  feth_model_test(${path} http http.sh)
  feth_model_test(${path} impair.ipv4 impair.sh ipv4)
  feth_model_test(${path} impair.ipv6 impair.sh ipv6)
  feth_model_test(${path} pcap pcap.sh)
  feth_model_test(${path} peering peering.sh)
  feth_model_test(${path} ping ping.sh pings)
  feth_model_test(${path} ping.flood ping.sh flood)
  feth_model_test(${path} responder responder.sh)
  feth_model_test(${path} sending sending.sh)
  feth_model_test(${path} services.ipv4 services.sh ipv4)
  feth_model_test(${path} services.ipv6 services.sh ipv6)
  foreach(mtu IN ITEMS 576 1500 9000)
    feth_model_test(${path} tcp_echo.${mtu} tcp_echo.sh ${mtu} default)
    feth_model_test(${path} udp_echo.${mtu} udp_echo.sh ${mtu})
  endforeach()
  feth_model_test(${path} walkthrough walkthrough.sh)
endforeach()
# Over an output queue that fills, as a Mac's does: a thread empties it now and then.
foreach(path IN ITEMS batch sendmsg_x writev)
  feth_model_test(${path} queue.http http.sh)
  feth_model_test(${path} queue.tcp_echo tcp_echo.sh 1500 default)
  set_property(TEST darwin.${path}.queue.http darwin.${path}.queue.tcp_echo APPEND PROPERTY ENVIRONMENT FETH_MODEL_STARTER_US=300)
endforeach()
# Over a kernel that has no memory for the first large frames: they leave with the next one.
foreach(path IN ITEMS sendmsg_x writev)
  feth_model_test(${path} starved.tcp_echo tcp_echo.sh 9000 default)
  set_property(TEST darwin.${path}.starved.tcp_echo APPEND PROPERTY ENVIRONMENT FETH_MODEL_STARVE=20)
endforeach()
# What the host leaves to the stack.
foreach(what IN ITEMS csum tso all off)
  feth_model_test(batch host_offload.${what} host_offload.sh ${what})
endforeach()
foreach(path IN ITEMS sendmsg_x writev)
  feth_model_test(${path} host_offload.all host_offload.sh all)
  feth_model_test(${path} host_offload.off host_offload.sh off)
endforeach()
feth_model_test(offload.batch connections connections.sh)
feth_model_test(offload.batch http http.sh)
feth_model_test(offload.batch impair.ipv4 impair.sh ipv4)
feth_model_test(offload.batch impair.ipv6 impair.sh ipv6)
feth_model_test(offload.batch pcap pcap.sh)
feth_model_test(offload.batch services.ipv4 services.sh ipv4)
feth_model_test(offload.batch services.ipv6 services.sh ipv6)
foreach(mtu IN ITEMS 576 1500 9000)
  feth_model_test(offload.batch tcp_echo.${mtu} tcp_echo.sh ${mtu} default)
  feth_model_test(offload.batch udp_echo.${mtu} udp_echo.sh ${mtu})
endforeach()
foreach(path IN ITEMS offload.sendmsg_x offload.writev)
  feth_model_test(${path} impair.ipv4 impair.sh ipv4)
  feth_model_test(${path} services.ipv6 services.sh ipv6)
  feth_model_test(${path} tcp_echo.1500 tcp_echo.sh 1500 default)
endforeach()
feth_model_test(offload.batch tcp_echo.stack-off tcp_echo.sh 1500 stack-off)
# what no frame is sent for, or not in a way of its own
feth_model_test(batch bad_input bad_input.sh)
feth_model_test(batch fethctl_bad_input fethctl_bad_input.sh)
feth_model_test(batch many many.sh)
feth_model_test(batch netns netns.sh)
feth_model_test(batch headers headers.sh default)
feth_model_test(offload.batch headers headers.sh default)
feth_model_test(batch mtu.ipv4 mtu.sh ipv4)
feth_model_test(batch mtu.ipv6 mtu.sh ipv6)
feth_model_test(batch oneway.9000 oneway.sh 9000 default)
feth_model_test(batch selftest selftest.sh)
