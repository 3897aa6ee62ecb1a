/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HTTP by lwIP's own httpd, which asks for files: fs_open_custom() makes each when it is asked for, header and body
 * in one piece of memory.  A posted body is collected behind the header that it will be sent back with.
 *
 * httpd closes a file once it has handed the last byte to TCP, not once it is acknowledged; so lwipopts.h has it copy
 * (HTTP_IS_DATA_VOLATILE).
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lwip/apps/fs.h"
#include "lwip/apps/httpd.h"

#include "http_head.h"
#include "page.h"
#include "services.h"

/* All bodies together that are being posted or sent back. */
#define POSTED_MAX ((size_t)256 * 1024 * 1024)

/* A body on its way in, and then out again.  Its address is its name: "/.posted/<hex>". */
struct posted {
    struct posted *next;
    void *connection; /* httpd's, while it comes in */
    char *data;       /* header and body */
    size_t header, length, have;
};

static struct posted *all_posted;
static size_t posted_bytes;

#define POSTED_PREFIX "/.posted/"
#define FULL_PAGE     "/.full"
#define HEADER_MAX    256

/* ---- files -------------------------------------------------------------------------------------------------- */

static int put_header(char *header, size_t size, const char *status, const char *type, size_t length)
{
    return snprintf(header, size,
                    "HTTP/1.1 %s\r\nServer: lwip-echo\r\nContent-Type: %s\r\nContent-Length: %zu\r\n"
                    "Cache-Control: no-store\r\nConnection: close\r\n\r\n",
                    status, type, length);
}

/* Give httpd a file of memory that fs_close_custom() frees. */
static int give(struct fs_file *file, char *data, size_t length)
{
    if (!data || length > INT_MAX) {
        free(data);
        return 0;
    }
    memset(file, 0, sizeof(*file));
    file->data = data;
    file->len = file->index = (int)length;
    file->pextension = data;
    file->flags = FS_FILE_FLAGS_HEADER_INCLUDED;
    return 1;
}

static int give_page(struct fs_file *file, const char *status, const char *type, void (*write)(FILE *))
{
    char *body = NULL, header[HEADER_MAX];
    size_t length = 0;
    FILE *out = open_memstream(&body, &length);

    if (!out)
        return 0;
    write(out);
    if (fclose(out) != 0) {
        free(body);
        return 0;
    }
    int n = put_header(header, sizeof(header), status, type, length);
    char *data = malloc((size_t)n + length);
    if (data) {
        memcpy(data, header, (size_t)n);
        memcpy(data + n, body, length);
    }
    free(body);
    return give(file, data, (size_t)n + length);
}

static void write_not_found(FILE *out)
{
    fprintf(out, "there is nothing here: try /, /stats.json, or POST to /echo\n");
}

static void write_bad_request(FILE *out)
{
    fprintf(out, "this is no request that lwip-echo understands\n");
}

static void write_not_implemented(FILE *out)
{
    fprintf(out, "lwip-echo knows GET, HEAD and POST\n");
}

static void write_full(FILE *out)
{
    fprintf(out, "too much to keep: all posted bodies together may have %zu bytes\n", POSTED_MAX);
}

static void unlink_posted(const struct posted *body)
{
    struct posted **at = &all_posted;

    while (*at != body)
        at = &(*at)->next;
    *at = body->next;
    posted_bytes -= body->length;
}

static struct posted *posted_named(const char *name)
{
    char text[40];

    for (struct posted *body = all_posted; body; body = body->next) {
        (void)snprintf(text, sizeof(text), POSTED_PREFIX "%p", (void *)body);
        if (!body->connection && strcmp(text, name) == 0)
            return body;
    }
    return NULL;
}

static int give_posted(struct fs_file *file, struct posted *body)
{
    char *data = body->data;
    size_t length = body->header + body->length;

    unlink_posted(body);
    free(body);
    return give(file, data, length);
}

int fs_open_custom(struct fs_file *file, const char *name)
{
    static const struct {
        const char *name, *status, *type;
        void (*write)(FILE *);
    } pages[] = {
        {"/", "200 OK", "text/html; charset=utf-8", page_html},
        {"/index.html", "200 OK", "text/html; charset=utf-8", page_html},
        {"/stats.json", "200 OK", "application/json", page_json},
        {"/400.html", "400 Bad Request", "text/plain", write_bad_request},
        {"/404.html", "404 Not Found", "text/plain", write_not_found},
        {"/501.html", "501 Not Implemented", "text/plain", write_not_implemented},
        {FULL_PAGE, "413 Content Too Large", "text/plain", write_full},
    };
    struct posted *body = posted_named(name);

    if (body)
        return give_posted(file, body);
    for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++)
        if (strcmp(name, pages[i].name) == 0) {
            service_counters.http_requests++;
            return give_page(file, pages[i].status, pages[i].type, pages[i].write);
        }
    return 0;
}

void fs_close_custom(struct fs_file *file)
{
    free(file->pextension);
    file->pextension = NULL;
}

/* Everything is in memory from the start: these are never needed, but httpd's options ask for them. */
u8_t fs_canread_custom(struct fs_file *file)
{
    LWIP_UNUSED_ARG(file);
    return 1;
}

u8_t fs_wait_read_custom(struct fs_file *file, fs_wait_cb callback, void *arg)
{
    LWIP_UNUSED_ARG(file);
    LWIP_UNUSED_ARG(callback);
    LWIP_UNUSED_ARG(arg);
    return 0;
}

int fs_read_async_custom(struct fs_file *file, char *buffer, int count, fs_wait_cb callback, void *arg)
{
    LWIP_UNUSED_ARG(file);
    LWIP_UNUSED_ARG(buffer);
    LWIP_UNUSED_ARG(count);
    LWIP_UNUSED_ARG(callback);
    LWIP_UNUSED_ARG(arg);
    return FS_READ_EOF;
}

/* ---- POST --------------------------------------------------------------------------------------------------- */

static struct posted *posted_of(const void *connection)
{
    struct posted *body = all_posted;

    while (body && body->connection != connection)
        body = body->next;
    return body;
}

static void drop_posted(struct posted *body)
{
    unlink_posted(body);
    free(body->data);
    free(body);
}

/* The memory is touched as the body comes in: a client that announces much and sends little costs little. */
static struct posted *make_posted(void *connection, size_t length)
{
    char header[HEADER_MAX];
    struct posted *body = calloc(1, sizeof(*body));
    int n = put_header(header, sizeof(header), "200 OK", "application/octet-stream", length);
    char *data = malloc((size_t)n + length);

    if (!body || !data) {
        free(body);
        free(data);
        return NULL;
    }
    memcpy(data, header, (size_t)n);
    *body = (struct posted){
        .next = all_posted, .connection = connection, .data = data, .header = (size_t)n, .length = length};
    all_posted = body;
    posted_bytes += length;
    return body;
}

err_t httpd_post_begin(void *connection, const char *uri, const char *request, u16_t request_len, int length,
                       char *response_uri, u16_t response_uri_len, u8_t *automatic_window)
{
    LWIP_UNUSED_ARG(request);
    LWIP_UNUSED_ARG(request_len);
    *automatic_window = 1;
    service_counters.http_requests++;
    if (strcmp(uri, "/echo") != 0) {
        (void)snprintf(response_uri, response_uri_len, "/404.html");
        return ERR_ARG;
    }
    if ((size_t)length > POSTED_MAX - posted_bytes || !make_posted(connection, (size_t)length)) {
        (void)snprintf(response_uri, response_uri_len, FULL_PAGE);
        return ERR_MEM;
    }
    return ERR_OK;
}

err_t httpd_post_receive_data(void *connection, struct pbuf *p)
{
    struct posted *body = posted_of(connection);
    err_t err = ERR_ARG;

    if (body) {
        size_t room = body->length - body->have;
        u16_t n = p->tot_len < room ? p->tot_len : (u16_t)room; /* what follows the body is no part of it */
        (void)pbuf_copy_partial(p, body->data + body->header + body->have, n, 0);
        body->have += n;
        service_counters.http_posted_bytes += n;
        err = ERR_OK;
    }
    pbuf_free(p);
    return err;
}

void httpd_post_finished(void *connection, char *response_uri, u16_t response_uri_len)
{
    struct posted *body = posted_of(connection);

    if (!body)
        return;
    if (body->have < body->length) { /* the client went away half-way */
        drop_posted(body);
        return;
    }
    body->connection = NULL;
    (void)snprintf(response_uri, response_uri_len, POSTED_PREFIX "%p", (void *)body);
}

/* ---- starting ----------------------------------------------------------------------------------------------- */

err_t http_start(void)
{
    httpd_init();
    return http_head_start();
}
