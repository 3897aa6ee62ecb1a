/* SPDX-License-Identifier: Apache-2.0 */
/** @file http_front.h  What HTTP asks for and lwIP's httpd leaves out, in a layer between it and TCP. */
#ifndef LWIP_ECHO_HTTP_FRONT_H
#define LWIP_ECHO_HTTP_FRONT_H

#include "lwip/err.h"

/** Put the layer between httpd, which is listening, and TCP.  @return ERR_OK; ERR_VAL: httpd is not listening */
err_t http_front_start(void);

/**
 * Tell the client that waits for it to go on with the body of its request (100 Continue: RFC 9110, 10.1.1).
 * Only from httpd_post_begin().
 */
void http_front_continue(void);

#endif
