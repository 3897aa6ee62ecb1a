/* SPDX-License-Identifier: Apache-2.0 */
/** @file http_head.h  HEAD for lwIP's httpd, which knows GET and POST. */
#ifndef LWIP_ECHO_HTTP_HEAD_H
#define LWIP_ECHO_HTTP_HEAD_H

#include "lwip/err.h"

/** Put a layer between httpd, which is listening, and TCP.  @return ERR_OK; ERR_VAL: httpd is not listening */
err_t http_head_start(void);

#endif
