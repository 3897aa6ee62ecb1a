/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HTTP by lwIP's own httpd, which asks for files: fs_open_custom() makes each when it is asked for, header and body
 * in one piece of memory.  A posted body is collected behind the header that it will be sent back with.
 *
 * httpd closes a file once it has handed the last byte to TCP, not once it is acknowledged; so lwipopts.h has it copy
 * (HTTP_IS_DATA_VOLATILE).
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lwip/apps/fs.h"
#include "lwip/apps/httpd.h"
#include "lwip/def.h"

#include "http_front.h"
#include "page.h"
#include "services.h"

/* All bodies together that are being posted or sent back. */
#define POSTED_MAX ((size_t)256 * 1024 * 1024)

#define POSTED_PREFIX "/.posted/"
#define FULL_PAGE     "/.full"
#define HEADER_MAX    256

/*
 * A response: header and body in one piece.  A posted body is on a list until it is sent back; when it is complete it
 * becomes a file, of which httpd is told the name: "/.posted/" and its address.
 */
struct content {
    struct content *next;
    bool posted;
    void *connection; /* httpd's, while the body comes in */
    size_t header, length, have;
    char data[];
};

static struct content *all_posted;
static size_t posted_bytes;

/* ---- responses ---------------------------------------------------------------------------------------------- */

/* Room for a body of length bytes behind its header. */
static struct content *make_content(const char *status, const char *type, size_t length)
{
    char header[HEADER_MAX];
    int n = snprintf(header, sizeof(header),
                     "HTTP/1.1 %s\r\nServer: lwip-echo\r\nContent-Type: %s\r\nContent-Length: %zu\r\n"
                     "Cache-Control: no-store\r\nConnection: close\r\n\r\n",
                     status, type, length);
    struct content *c = malloc(sizeof(*c) + (size_t)n + length);

    if (!c)
        return NULL;
    *c = (struct content){.header = (size_t)n, .length = length};
    memcpy(c->data, header, (size_t)n);
    return c;
}

static void free_content(struct content *c)
{
    if (c->posted) {
        struct content **at = &all_posted;
        while (*at != c)
            at = &(*at)->next;
        *at = c->next;
        posted_bytes -= c->length;
    }
    free(c);
}

/* Give httpd a file, which fs_close_custom() frees. */
static int give(struct fs_file *file, struct content *c)
{
    memset(file, 0, sizeof(*file));
    file->data = c->data;
    file->len = file->index = (int)(c->header + c->length);
    file->pextension = c;
    file->flags = FS_FILE_FLAGS_HEADER_INCLUDED;
    return 1;
}

/* ---- pages -------------------------------------------------------------------------------------------------- */

static int give_page(struct fs_file *file, const char *status, const char *type, void (*write)(FILE *))
{
    char *body = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&body, &length);
    struct content *c = NULL;

    if (!out)
        return 0;
    write(out);
    if (fclose(out) == 0)
        c = make_content(status, type, length);
    if (c)
        memcpy(c->data + c->header, body, length);
    free(body);
    return c ? give(file, c) : 0;
}

static void write_not_found(FILE *out)
{
    fprintf(out, "there is nothing here: try /, /stats.json, or POST to /echo\n");
}

static void write_bad_request(FILE *out)
{
    fprintf(out,
            "this is no request that lwip-echo understands; what is posted needs a Content-Length, of eight "
            "digits at most\n");
}

static void write_not_implemented(FILE *out)
{
    fprintf(out, "lwip-echo knows GET, HEAD and POST\n");
}

static void write_full(FILE *out)
{
    fprintf(out, "too much to keep: all that is posted at one time may have %zu bytes\n", POSTED_MAX);
}

static struct content *posted_named(const char *name)
{
    char text[40];

    for (struct content *c = all_posted; c; c = c->next) {
        (void)snprintf(text, sizeof(text), POSTED_PREFIX "%p", (void *)c);
        if (c->have == c->length && strcmp(text, name) == 0)
            return c;
    }
    return NULL;
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
    struct content *posted = posted_named(name);

    if (posted)
        return give(file, posted);
    for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++)
        if (strcmp(name, pages[i].name) == 0) {
            service_counters.http_requests++;
            return give_page(file, pages[i].status, pages[i].type, pages[i].write);
        }
    return 0;
}

void fs_close_custom(struct fs_file *file)
{
    free_content(file->pextension);
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

static struct content *posted_of(const void *connection)
{
    struct content *c = all_posted;

    while (c && c->connection != connection)
        c = c->next;
    return c;
}

/* The memory is touched as the body comes in: a client that announces much and sends little costs little. */
static bool make_posted(void *connection, size_t length)
{
    struct content *c = length <= POSTED_MAX - posted_bytes
                            ? make_content("200 OK", "application/octet-stream", length)
                            : NULL;

    if (!c)
        return false;
    c->posted = true;
    c->connection = connection;
    c->next = all_posted;
    all_posted = c;
    posted_bytes += length;
    return true;
}

err_t httpd_post_begin(void *connection, const char *uri, const char *request, u16_t request_len, int length,
                       char *response_uri, u16_t response_uri_len, u8_t *automatic_window)
{
    *automatic_window = 1;
    if (strcmp(uri, "/echo") != 0) {
        (void)snprintf(response_uri, response_uri_len, "/404.html");
        return ERR_ARG;
    }
    if (!make_posted(connection, (size_t)length)) {
        (void)snprintf(response_uri, response_uri_len, FULL_PAGE);
        return ERR_MEM;
    }
    service_counters.http_requests++;
    if (lwip_strnistr(request, "\r\nExpect: 100-continue", request_len))
        http_front_continue();
    return ERR_OK;
}

err_t httpd_post_receive_data(void *connection, struct pbuf *p)
{
    struct content *c = posted_of(connection);
    err_t err = ERR_ARG;

    if (c) {
        size_t room = c->length - c->have;
        u16_t n = p->tot_len < room ? p->tot_len : (u16_t)room; /* what follows the body is no part of it */
        (void)pbuf_copy_partial(p, c->data + c->header + c->have, n, 0);
        c->have += n;
        service_counters.http_posted_bytes += n;
        err = ERR_OK;
    }
    pbuf_free(p);
    return err;
}

void httpd_post_finished(void *connection, char *response_uri, u16_t response_uri_len)
{
    struct content *c = posted_of(connection);

    if (!c)
        return;
    c->connection = NULL;
    if (c->have < c->length) /* the client went away half-way */
        free_content(c);
    else
        (void)snprintf(response_uri, response_uri_len, POSTED_PREFIX "%p", (void *)c);
}

/* ---- starting ----------------------------------------------------------------------------------------------- */

err_t http_start(void)
{
    httpd_init();
    return http_front_start();
}
