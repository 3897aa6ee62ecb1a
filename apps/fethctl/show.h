/* SPDX-License-Identifier: Apache-2.0 */
/** @file show.h  An interface's state as text and as JSON. */
#ifndef FETHCTL_SHOW_H
#define FETHCTL_SHOW_H

#include <cjson/cJSON.h>

#include <feth/feth.h>

#define SHOW_MAC_SIZE 18

/** A MAC address as text.  @return text */
char *show_mac(const uint8_t mac[FETH_MAC_SIZE], char text[SHOW_MAC_SIZE]);

/** "up", "down", or "active": up with a peer that is up. */
const char *show_state(const struct feth_status *s);

/** Whose it is: "persistent", "process 17", "process 17 (dead)" or "foreign".  @return text */
char *show_owner(const struct feth_status *s, char *text, size_t size);

/** Print it as ifconfig does.  @param verbose with MAC's, settings', owner's and counters' lines */
void show_text(const struct feth_status *s, bool verbose);

/** As a JSON object.  @return NULL when out of memory; the caller frees it with cJSON_Delete() */
cJSON *show_json(const struct feth_status *s);

/** Print a document and delete it.  @param json NULL: out of memory  @return the exit status */
int show_print_json(cJSON *json);

#endif
