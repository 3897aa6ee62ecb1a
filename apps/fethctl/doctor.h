/* SPDX-License-Identifier: Apache-2.0 */
/** @file doctor.h  What a check of "fethctl doctor" says, and which checks are the operating system's own. */
#ifndef FETHCTL_DOCTOR_H
#define FETHCTL_DOCTOR_H

/** One line: all is well with it. */
void doctor_ok(const char *what, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/** One line: it works, and a person should know this. */
void doctor_note(const char *what, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/** One line: what is wrong, and how to mend it.  The exit status is 1 then. */
void doctor_wrong(const char *what, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/** The exit status as it stands. */
int doctor_verdict(void);

/** Take over the exit status of a check that a child did. */
void doctor_merge(int status);

/** Kernel version, privilege, frame devices, limits: in linux/doctor.c and darwin/doctor.c. */
void doctor_check_system(void);

/**
 * Make a pair, send a frame each way, destroy it: where the system can, in a place of its own.
 * In linux/doctor.c and darwin/doctor.c, which call doctor_trial().
 */
void doctor_check_pair(void);

/** The trial itself, here and now: a pair of this process' own, without addresses. */
void doctor_trial(void);

#endif
