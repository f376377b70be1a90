// A chat on one epoll thread: one send per member and line, or with "batch" one per member and tick.
// It passes bytes on as they are. A member that owes more than ALLOWANCE is dropped.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { MAX_FD = 65536, LINE = 16384, ALLOWANCE = 1 << 20, EVENTS = 512 };

struct member {
    int fd, number, place;           // place: its index in `room`
    char rest[LINE];                 // the beginning of a line whose end has not come yet
    size_t rest_size;
    char *owed;                      // what its socket did not take, or what waits for the tick
    size_t owed_size, owed_room;
    bool dirty, armed;               // dirty: stands in `ticks`; armed: waits for EPOLLOUT
};

static struct member *room[MAX_FD], *by_fd[MAX_FD];
static int members, loop, ticks[MAX_FD], tick_count, joined;
static bool batch;

static void wait_for_room(struct member *m, bool on)
{
    if (m->armed == on)
        return;
    m->armed = on;
    struct epoll_event e = {.events = EPOLLIN | (on ? EPOLLOUT : 0), .data.fd = m->fd};
    epoll_ctl(loop, EPOLL_CTL_MOD, m->fd, &e);
}

static size_t try_send(struct member *m, const char *data, size_t size)
{
    ssize_t sent = send(m->fd, data, size, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent >= 0)
        return sent;
    return errno == EAGAIN ? 0 : size;   // gone: its own recv will tell
}

static void owe(struct member *m, const char *data, size_t size)
{
    if (m->owed_size + size > m->owed_room) {
        m->owed_room = (m->owed_size + size) * 2;
        m->owed = realloc(m->owed, m->owed_room);
    }
    memcpy(m->owed + m->owed_size, data, size);
    m->owed_size += size;
    if (m->owed_size > ALLOWANCE) {
        shutdown(m->fd, SHUT_RDWR);
        m->owed_size = 0;
    }
}

static void flush(struct member *m)
{
    size_t sent = m->owed_size ? try_send(m, m->owed, m->owed_size) : 0;
    memmove(m->owed, m->owed + sent, m->owed_size - sent);
    m->owed_size -= sent;
    wait_for_room(m, m->owed_size > 0);
}

static void give(struct member *m, const char *line, size_t size)
{
    if (batch) {
        owe(m, line, size);
        if (!m->dirty) {
            m->dirty = true;
            ticks[tick_count++] = m->fd;
        }
        return;
    }
    size_t sent = m->owed_size ? 0 : try_send(m, line, size);
    if (sent < size) {
        owe(m, line + sent, size - sent);
        wait_for_room(m, true);
    }
}

static void announce(struct member *author, const char *sentence, int size)
{
    char line[LINE + 128];
    time_t seconds = time(NULL);
    struct tm t;
    localtime_r(&seconds, &t);
    size_t length = sprintf(line, "%02d:%02d - Пользователь #%d%.*s\n", t.tm_hour, t.tm_min,
                            author->number, size, sentence);
    fwrite(line, 1, length, stdout);
    for (int i = 0; i < members; i++)
        if (room[i] != author)
            give(room[i], line, length);
}

static void join(int fd)
{
    int one = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    struct member *m = calloc(1, sizeof *m);
    *m = (struct member){.fd = fd, .number = ++joined, .place = members};
    announce(m, " присоединился к чату!", 64);
    room[members++] = by_fd[fd] = m;
    struct epoll_event e = {.events = EPOLLIN, .data.fd = fd};
    epoll_ctl(loop, EPOLL_CTL_ADD, fd, &e);
}

static void leave(struct member *m)
{
    room[m->place] = room[--members];
    room[m->place]->place = m->place;
    by_fd[m->fd] = NULL;
    close(m->fd);
    announce(m, " покинул чат.", 64);
    free(m->owed);
    free(m);
}

static void hear(struct member *m)
{
    ssize_t got = recv(m->fd, m->rest + m->rest_size, LINE - m->rest_size, 0);
    if (got <= 0) {
        if (got == 0 || errno != EAGAIN)
            leave(m);
        return;
    }
    m->rest_size += got;
    char *line = m->rest, *stop = m->rest + m->rest_size, *end, text[LINE + 3] = " - ";
    for (; (end = memchr(line, '\n', stop - line)); line = end + 1) {
        int size = end - line;
        if (size && line[size - 1] == '\r')
            size--;
        memcpy(text + 3, line, size);
        if (size)
            announce(m, text, size + 3);
    }
    m->rest_size = stop - line;
    memmove(m->rest, line, m->rest_size);
    if (m->rest_size == LINE)
        m->rest_size = 0;                // too long to relay
}

int main(int argc, char **argv)
{
    batch = argc > 1 && !strcmp(argv[1], "batch");
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (bind(listener, (void *)&address, sizeof address) || listen(listener, 4096))
        return perror("bind"), 1;
    loop = epoll_create1(0);
    struct epoll_event e = {.events = EPOLLIN, .data.fd = listener}, events[EVENTS];
    epoll_ctl(loop, EPOLL_CTL_ADD, listener, &e);
    for (;;) {
        int count = epoll_wait(loop, events, EVENTS, -1);
        for (int i = 0; i < count; i++) {
            int fd = events[i].data.fd;
            if (fd == listener) {
                while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0)
                    join(fd);
                continue;
            }
            if (by_fd[fd] && events[i].events & EPOLLOUT)
                flush(by_fd[fd]);
            if (by_fd[fd] && events[i].events & ~EPOLLOUT)
                hear(by_fd[fd]);
        }
        for (int i = 0; i < tick_count; i++) {
            struct member *m = by_fd[ticks[i]];
            if (m) {
                m->dirty = false;
                flush(m);
            }
        }
        tick_count = 0;
    }
}
