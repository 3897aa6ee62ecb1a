/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file model.h
 * A model of macOS's kernel as far as feth goes, for tests on Linux: what a test asks of it beside making system
 * calls.  A program is linked with --wrap for the calls of tests/darwin/syscalls.txt; those that concern the model's
 * descriptors, devices and interfaces end here, all others reach Linux.
 *
 * The state lives in the process, or, with the environment variable FETH_MODEL_STATE naming a file, is shared with
 * every process that names the same file.  With FETH_MODEL_TAP set each feth has a TAP device of its name in the
 * current network namespace, so that the host's own programs are at the other end.
 *
 * Where a real kernel would panic, or be of no use until the next boot, the model writes its log to standard error and
 * aborts the program.
 */
#ifndef FETH_MODEL_H
#define FETH_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/** As after a boot of macOS 15, with everything closed; failures, counters and log are forgotten.  One thread only. */
void model_reset(void);

/**
 * Which macOS: 11–26; minor matters for 14 (14.1 brought BPF batches).  Of interfaces that are there nothing changes.
 */
void model_set_macos(int major, int minor);

/** Whether the process is an ordinary user's: what needs root is refused (EPERM; EACCES for a BPF device). */
void model_deny(bool deny);

/* ---- failures ----------------------------------------------------------------------------------------------- */

/**
 * Let the nth next call (1: the next) of a name fail with errno, once, without an effect.
 * @param name a system call ("ioctl"), or more closely a request ("SIOCIFCREATE2"), a sysctl
 * ("net.link.fake.max_mtu"), a device ("/dev/bpf0").  Only calls that concern the model count.
 */
void model_fail_nth(const char *name, unsigned n, int error);

/** Failures that have not come yet shall not come. */
void model_forget_failures(void);

/** How many calls of a name there were since model_reset(). */
unsigned model_calls(const char *name);

/** Every call that there was since model_reset(), of any name. */
unsigned model_all_calls(void);

/** Let the nth next call fail, whichever it is.  @return nothing; model_failed() names it afterwards */
void model_fail_any(unsigned n, int error);

/** The name of the call that model_fail_nth() or model_fail_any() made fail last, or NULL. */
const char *model_failed(void);

/** The system call that it was; model_failed() is more exact where there are requests and names. */
const char *model_failed_syscall(void);

/** Whether this thread is in the model: what it allocates then is not the program's. */
bool model_inside(void);

/** The last calls and what came of them. */
void model_log(FILE *to);

/** Write a line into the log. */
void model_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

/** Whether nothing is left: no feth, no descriptor, every sysctl as it was.  What is left is named on stderr. */
bool model_is_clean(void);

/* ---- interfaces --------------------------------------------------------------------------------------------- */

/** How often a destroyed name answers EBUSY before it can be had again (1 after a reset); -1: until model_detached(). */
void model_detach_after(int attempts);
/** All detaching has finished. */
void model_detached(void);

/** An Ethernet interface that is no feth, such as "en0". */
void model_add_ethernet(const char *name);

/** Whether an interface exists, and its MTU, flags (XNU_IFF_…), MAC. */
bool model_interface(const char *name, unsigned *mtu, int *flags, uint8_t mac[6]);

/** How many feths there are. */
unsigned model_feths(void);

/** Change a sysctl as if somebody else did; false: there is none of this name. */
bool model_set_sysctl(const char *name, int value);
int model_sysctl(const char *name);

/** Take an interface down or up, as ifconfig of somebody else would. */
void model_set_up(const char *name, bool up);

/** Destroy an interface as if somebody else did. */
void model_destroy(const char *name);

/* ---- frames ------------------------------------------------------------------------------------------------- */

/** The host sends a frame out of an interface.  @return false: it is down, has no peer or is not there */
bool model_host_send(const char *name, const void *frame, size_t len);

/**
 * Take the oldest frame that the stack on an interface received.
 * @param name the host side
 * @return its length, 0 where there is none; frames longer than size are cut
 */
size_t model_host_receive(const char *name, void *frame, size_t size);

/** How many frames wait for model_host_receive(). */
unsigned model_host_waiting(const char *name);

/** Stop or go on taking frames from an interface's output queue: it holds 128, more are lost silently. */
void model_stall(const char *name, bool stalled);

/**
 * Have output queues emptied every so many microseconds, by a thread; 0 (unless FETH_MODEL_STARTER_US says something
 * else): frames pass at once.
 */
void model_starter(unsigned us);

/**
 * Let the kernel have no memory for the copies of the next so many frames above 4096 bytes (FETH_MODEL_STARVE after a
 * reset).  Up to macOS 14 only; later ones make no copies.
 */
void model_starve(unsigned frames);

/** Let an interface have received and sent so much. */
void model_count(const char *name, uint64_t frames, uint64_t bytes);

/** Frames lost at the output queue so far. */
unsigned model_queue_drops(const char *name);

/* ---- BPF ---------------------------------------------------------------------------------------------------- */

/** Mark /dev/bpf<minor> as open in another process; -1: all of them. */
void model_bpf_busy(int minor, bool busy);

/** How many devices are there (256 after a reset). */
void model_bpf_devices(int count);

/** Take the private requests away: BIOCSBATCHWRITE, BIOCSWRITEMAX. */
void model_bpf_no_batch(bool none);

/** Whether dlsym() finds sendmsg_x and recvmsg_x. */
void model_no_msg_x(bool none);

#endif
