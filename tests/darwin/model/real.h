/* SPDX-License-Identifier: Apache-2.0 */
/* Linux's own calls behind the wrapped ones: what the linker's --wrap leaves under another name. */
#ifndef FETH_MODEL_REAL_H
#define FETH_MODEL_REAL_H

#include <ifaddrs.h>
#include <poll.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/uio.h>

int __real_open(const char *path, int flags, ...);
int __real_close(int fd);
int __real_ioctl(int fd, unsigned long request, ...);
int __real_fcntl(int fd, int cmd, ...);
ssize_t __real_read(int fd, void *buf, size_t size);
ssize_t __real_readv(int fd, const struct iovec *iov, int n);
ssize_t __real_write(int fd, const void *buf, size_t size);
ssize_t __real_writev(int fd, const struct iovec *iov, int n);
int __real_socket(int domain, int type, int protocol);
int __real_bind(int fd, const struct sockaddr *addr, socklen_t len);
int __real_connect(int fd, const struct sockaddr *addr, socklen_t len);
ssize_t __real_send(int fd, const void *buf, size_t size, int flags);
ssize_t __real_sendto(int fd, const void *buf, size_t size, int flags, const struct sockaddr *to,
                      socklen_t len);
ssize_t __real_sendmsg(int fd, const struct msghdr *msg, int flags);
ssize_t __real_recv(int fd, void *buf, size_t size, int flags);
ssize_t __real_recvfrom(int fd, void *buf, size_t size, int flags, struct sockaddr *from, socklen_t *len);
ssize_t __real_recvmsg(int fd, struct msghdr *msg, int flags);
int __real_setsockopt(int fd, int level, int name, const void *value, socklen_t len);
int __real_getsockopt(int fd, int level, int name, void *value, socklen_t *len);
int __real_getifaddrs(struct ifaddrs **list);
void __real_freeifaddrs(struct ifaddrs *list);
struct if_nameindex; /* <net/if.h>, which does not go with xnu.h, has it */
struct if_nameindex *__real_if_nameindex(void);
void __real_if_freenameindex(struct if_nameindex *list);
unsigned __real_if_nametoindex(const char *name);
char *__real_if_indextoname(unsigned index, char *name);
void *__real_dlsym(void *handle, const char *name);

#endif
