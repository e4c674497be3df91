/* The limit: one thread, one epoll, one send for each delivery, and not a byte of protocol.
 *
 * Who begins with `F` is a follower, who begins with `A` an author; both are told `ready`. An
 * author says messages, each after its length in four bytes; every follower gets the bytes. What
 * a follower's socket does not take is kept for it, in order.
 */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define MOST 65536
#define BUFFER (1 << 20)

struct line {
    char role;
    char *waiting;
    size_t size, room;
};

static struct line lines[MOST];
static int followers[MOST], count, poll_fd;
static unsigned char inbox[BUFFER];
static size_t held;

static void watch(int fd, uint32_t events, int how) {
    struct epoll_event wanted = {.events = events, .data.fd = fd};
    epoll_ctl(poll_fd, how, fd, &wanted);
}

static void keep(int fd, const void *data, size_t size) {
    struct line *line = &lines[fd];
    if (line->size + size > line->room) {
        line->room = (line->size + size) * 2;
        line->waiting = realloc(line->waiting, line->room);
        if (line->waiting == NULL) exit(1);
    }
    if (line->size == 0) watch(fd, EPOLLIN | EPOLLOUT, EPOLL_CTL_MOD);
    memcpy(line->waiting + line->size, data, size);
    line->size += size;
}

static void deliver(const void *data, size_t size) {
    for (int i = 0; i < count; i++) {
        int fd = followers[i];
        ssize_t sent = 0;
        if (lines[fd].size == 0) {
            sent = send(fd, data, size, MSG_NOSIGNAL);
            if (sent < 0) {
                if (errno != EAGAIN) continue;
                sent = 0;
            }
        }
        if ((size_t)sent < size) keep(fd, (const char *)data + sent, size - sent);
    }
}

static void flush(int fd) {
    struct line *line = &lines[fd];
    ssize_t sent = send(fd, line->waiting, line->size, MSG_NOSIGNAL);
    if (sent <= 0) return;
    memmove(line->waiting, line->waiting + sent, line->size - sent);
    line->size -= sent;
    if (line->size == 0) watch(fd, EPOLLIN, EPOLL_CTL_MOD);
}

static void leave(int fd) {
    for (int i = 0; i < count; i++)
        if (followers[i] == fd) {
            followers[i] = followers[--count];
            break;
        }
    free(lines[fd].waiting);
    memset(&lines[fd], 0, sizeof lines[fd]);
    close(fd);
}

static void hear(int fd) {
    if (lines[fd].role == 'A') {
        ssize_t got = recv(fd, inbox + held, BUFFER - held, 0);
        if (got <= 0) { leave(fd); return; }
        held += got;
        size_t at = 0;
        while (held - at >= 4) {
            size_t size = (size_t)inbox[at] << 24 | inbox[at + 1] << 16 | inbox[at + 2] << 8 | inbox[at + 3];
            if (held - at - 4 < size) break;
            deliver(inbox + at + 4, size);
            at += 4 + size;
        }
        memmove(inbox, inbox + at, held - at);
        held -= at;
        return;
    }
    char word;
    if (recv(fd, &word, 1, 0) <= 0) { leave(fd); return; }
    if (lines[fd].role == 0) {
        lines[fd].role = word;
        if (word == 'F') followers[count++] = fd;
        send(fd, "ready", 5, MSG_NOSIGNAL);
    }
}

static void welcome(int listener) {
    int yes = 1, fd;
    while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
        if (fd >= MOST) { close(fd); continue; }
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
        watch(fd, EPOLLIN, EPOLL_CTL_ADD);
    }
}

int main(int argc, char **argv) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct epoll_event ready[256];
    int yes = 1, listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    address.sin_port = htons(argc > 1 ? atoi(argv[1]) : 0);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, 4096)) {
        perror("bind");
        return 1;
    }
    poll_fd = epoll_create1(0);
    watch(listener, EPOLLIN, EPOLL_CTL_ADD);
    for (;;) {
        int n = epoll_wait(poll_fd, ready, 256, -1);
        for (int i = 0; i < n; i++) {
            int fd = ready[i].data.fd;
            if (fd == listener) { welcome(listener); continue; }
            if (ready[i].events & EPOLLOUT) flush(fd);
            if (ready[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) hear(fd);
        }
    }
}
