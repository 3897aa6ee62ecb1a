# SPDX-License-Identifier: Apache-2.0
# The system tests as they run on a Mac, by its tools, as far as those can be stood in for here (as_mac.sh).  Frames go
# the same ways as in twins.cmake; what is tested is the tests themselves, so a little of each is enough.

# feth_mac_test(NAME SCRIPT [ARGUMENT…])
function(feth_mac_test name script)
  add_test(NAME darwin.mac.${name}
    COMMAND bash ${PROJECT_SOURCE_DIR}/tests/darwin/as_mac.sh ${PROJECT_SOURCE_DIR}/tests/system/${script} ${ARGN})
  set_tests_properties(darwin.mac.${name} PROPERTIES LABELS "darwin;system" SKIP_RETURN_CODE 77 TIMEOUT 300
    ENVIRONMENT "LWIP_ECHO=$<TARGET_FILE:lwip-echo-darwin>;FETHCTL=$<TARGET_FILE:fethctl-darwin>;RESPONDER=$<TARGET_FILE:icmp-responder-darwin>;CLIENT=$<TARGET_FILE:feth_test_client>;SANITIZE=${FETH_SANITIZE};FETH_TEST_SCALE=2")
endfunction()

foreach(test IN ITEMS bad_input completion exit fethctl_bad_input gc gone http many pcap peering responder selftest
    sending
    walkthrough)
  feth_mac_test(${test} ${test}.sh)
endforeach()
if(FETH_PCAP)
  feth_mac_test(capture capture.sh)
  feth_mac_test(inject inject.sh)
endif()
feth_mac_test(host_offload host_offload.sh all)
feth_mac_test(impair impair.sh ipv6)
feth_mac_test(mtu mtu.sh ipv6)
feth_mac_test(oneway oneway.sh 1500 default)
feth_mac_test(ping ping.sh pings)
feth_mac_test(ping.flood ping.sh flood)
feth_mac_test(services services.sh ipv4)
feth_mac_test(tcp_echo tcp_echo.sh 1500 stack-off)
feth_mac_test(udp_echo udp_echo.sh 9000)
feth_mac_test(manners ../darwin/manners.sh)
