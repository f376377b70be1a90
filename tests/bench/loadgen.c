// Loads one chat server with many clients on one thread, checks every line it relays, prints one JSON line.
//
// usage: loadgen -p PORT -i PID -w talk|joins|flood|idle [-n clients] [-k talkers] [-s window]
//        [-b bytes a line] [-m lines | -t seconds] [-x 1: one more client, which never reads]
//        [-l limit in seconds] [-c limit of the server's memory in MiB]
//
// talk:  each talker keeps `window` lines under way; a line is done when its last recipient has it.
// joins: all clients connect at once; every join notice is counted.
// flood: client 0 writes `lines` lines as fast as the server takes them; the others read 4 KiB at a time, so
//        that the readers, not the server, set the pace.
// idle:  clients connect one by one and say nothing.
//
// A line says who sent it and how many it sent before: "~0007 00000042 xxx". So each reader knows which
// line has to come next from that talker, and a line lost, doubled or out of order is seen at once.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { MAX_CLIENTS = 4096, MAX_LINE = 20000, BUFFER = 1 << 18, EVENTS = 512, SLICE = 1 << 16 };
static const double PATIENCE = 5;     // seconds without any progress after which a server has stalled
static const double PAUSE = 0.2;      // seconds without a line that count as a pause
static const char LABEL[] = " - Пользователь #", JOINED[] = " присоединился к чату!",
                  LEFT[] = " покинул чат.", TEXT[] = " - ~";

struct client {
    int fd;
    bool closed;
    char *rest;                       // the beginning of a line whose end has not come yet
    size_t rest_size;
    uint32_t *next;                   // per talker: the line that has to come next
};
struct under_way {
    int missing;                      // recipients that do not have it yet
    double sent_at;
};

static int port, pid, clients = 10, talkers = 1, window = 1, bytes = 64, lines, silent;
static double seconds, limit = 30, memory_limit = 1e9;
static const char *workload = "talk";

static struct client room[MAX_CLIENTS + 2];   // [clients] never reads, [clients + 1] comes and goes
static struct under_way *slots;               // talker t's line q stands in slots[t * window + q % window]
static uint32_t *said;                        // lines each talker has sent
static int loop;
static double clock_now, last_line, longest_pause, silent_left_at = -1;
static long total_said, delivered, done, odd, notices, heard_by_first, pauses, closed;
static long visits, visits_heard, visitor;
static bool talking, timing;
static double *latencies;
static long latency_count, latency_room;

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return clock_now = t.tv_sec + t.tv_nsec * 1e-9;
}

static void fail(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    exit(1);
}

static long memory(const char *field)          // of the server, in KiB
{
    char path[64], line[256];
    long kib = 0;
    snprintf(path, sizeof path, "/proc/%d/status", pid);
    FILE *f = fopen(path, "r");
    while (f && fgets(line, sizeof line, f))
        if (!strncmp(line, field, strlen(field)))
            kib = atol(line + strlen(field) + 1);
    if (f)
        fclose(f);
    return kib;
}

static long sockets_memory(void)               // of all TCP sockets in the kernel, in KiB
{
    char line[256];
    long pages = 0;
    FILE *f = fopen("/proc/net/sockstat", "r");
    while (f && fgets(line, sizeof line, f))
        if (!strncmp(line, "TCP:", 4))
            sscanf(strstr(line, " mem "), " mem %ld", &pages);
    if (f)
        fclose(f);
    return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

static double cpu(void)                        // of the server, in seconds
{
    char path[64], text[1024] = "";
    long user = 0, kernel = 0;
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    FILE *f = fopen(path, "r");
    if (f) {
        text[fread(text, 1, sizeof text - 1, f)] = 0;
        fclose(f);
        char *p = strrchr(text, ')');
        if (p)
            sscanf(p + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %ld %ld", &user, &kernel);
    }
    return (double)(user + kernel) / sysconf(_SC_CLK_TCK);
}

static void hang_up(int who)
{
    if (room[who].closed)
        return;
    room[who].closed = true;
    close(room[who].fd);
    closed += who < clients;
}

static void enter(int who)
{
    struct client *c = &room[who];
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), one = 1, small = 4096;
    if (fd < 0)
        fail("no more sockets: %s", strerror(errno));
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (who == clients)
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port)};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(fd, (void *)&to, sizeof to) < 0 && errno != EINPROGRESS)
        fail("client %d cannot connect: %s", who, strerror(errno));
    c->fd = fd;
    c->closed = false;
    c->rest_size = 0;
    if (!c->rest)
        c->rest = malloc(MAX_LINE);
    if (!c->next)
        c->next = calloc(talkers, sizeof *c->next);
    struct epoll_event e = {.events = EPOLLIN, .data.u32 = who};
    if (who != clients)
        epoll_ctl(loop, EPOLL_CTL_ADD, fd, &e);
}

static int compose(char *line, int talker, uint32_t number)
{
    int size = sprintf(line, "~%04d %08u ", talker, number);
    memset(line + size, 'x', bytes);
    line[bytes - 1] = '\n';
    return bytes;
}

static void say(int talker)
{
    char line[MAX_LINE];
    uint32_t number = said[talker]++;
    int size = compose(line, talker, number);
    slots[talker * window + number % window] = (struct under_way){clients - 1, now()};
    total_said++;
    for (int sent = 0; sent < size;) {
        ssize_t n = send(room[talker].fd, line + sent, size - sent, MSG_NOSIGNAL);
        if (n < 0 && errno != EAGAIN)
            return hang_up(talker);
        sent += n < 0 ? 0 : n;
    }
}

static void text_came(int who, int author, const char *text)
{
    int talker = atoi(text);
    uint32_t number = strtoul(text + 5, NULL, 10);
    if (talker < 0 || talker >= talkers || author != talker + 1 || who == talker
        || number != room[who].next[talker]) {
        odd++;
        return;
    }
    room[who].next[talker]++;
    delivered++;
    if (clock_now - last_line > PAUSE)
        pauses++;
    if (clock_now - last_line > longest_pause)
        longest_pause = clock_now - last_line;
    last_line = clock_now;
    struct under_way *slot = &slots[talker * window + number % window];
    if (*workload == 'f' || --slot->missing)
        return;
    done++;
    if (timing) {
        if (latency_count == latency_room)
            latencies = realloc(latencies, (latency_room = latency_room * 2 + 1024) * sizeof(double));
        latencies[latency_count++] = clock_now - slot->sent_at;
    }
    if (talking && (!lines || total_said < lines))
        say(talker);
}

static void line_came(int who, const char *line, size_t size)
{
    const size_t label = sizeof LABEL - 1;
    if (who > clients)
        return;                        // a visitor does not listen
    if (size < 5 + label || line[2] != ':' || memcmp(line + 5, LABEL, label)) {
        odd++;
        return;
    }
    char *rest;
    int author = strtol(line + 5 + label, &rest, 10);
    size -= rest - line;
    if (size > sizeof TEXT + 13 && !memcmp(rest, TEXT, sizeof TEXT - 1)) {
        text_came(who, author, rest + sizeof TEXT - 1);
    } else if (size == sizeof JOINED - 1 && !memcmp(rest, JOINED, size)) {
        notices++;
        heard_by_first += who == 0;
        last_line = clock_now;
        if (who == 0 && visitor) {
            visits_heard++;
            visitor = 0;
            hang_up(clients + 1);
        }
    } else if (size == sizeof LEFT - 1 && !memcmp(rest, LEFT, size)) {
        if (who == 0 && author == clients + 1)
            silent_left_at = clock_now;
    } else {
        odd++;
    }
}

static void pump(int milliseconds)
{
    static char buffer[BUFFER + MAX_LINE];
    struct epoll_event events[EVENTS];
    size_t most = *workload == 'f' ? 4096 : BUFFER;
    int count = epoll_wait(loop, events, EVENTS, milliseconds);
    for (int i = 0; i < count; i++) {
        int who = events[i].data.u32;
        struct client *c = &room[who];
        if (c->closed)
            continue;
        memcpy(buffer, c->rest, c->rest_size);
        ssize_t got = recv(c->fd, buffer + c->rest_size, most, 0);
        if (got <= 0) {
            if (got == 0 || errno != EAGAIN)
                hang_up(who);
            continue;
        }
        now();
        char *line = buffer, *stop = buffer + c->rest_size + got, *end;
        for (; (end = memchr(line, '\n', stop - line)); line = end + 1)
            line_came(who, line, end - line);
        c->rest_size = stop - line;
        if (c->rest_size > MAX_LINE)
            fail("client %d got a line of more than %d bytes", who, MAX_LINE);
        if (!c->closed)
            memcpy(c->rest, line, c->rest_size);
    }
    now();
}

static void enter_one_by_one(void)             // so that client i is Пользователь #i+1
{
    for (int who = 0; who < clients + silent; who++) {
        double start = now();
        enter(who);
        while (who == 0 ? clock_now < start + 0.05 : heard_by_first < who) {
            pump(1);
            if (clock_now > start + PATIENCE)
                fail("client 0 did not hear within %.0f s that client %d joined", PATIENCE, who);
        }
    }
    long want = (long)clients * (clients - 1) / 2 + (silent ? clients : 0);
    for (double start = now(); notices < want && clock_now < start + PATIENCE;)
        pump(5);
    if (notices != want)
        fail("%ld join notices came, expected %ld", notices, want);
}

static void visit(void)                        // somebody joins, and leaves as soon as client 0 heard it
{
    if (visitor)
        return;
    visitor = 1;
    visits++;
    enter(clients + 1);
}

static double talk(void)                       // returns the seconds that were measured
{
    double start = now(), measured = start, cut = 0;
    long before = 0;
    bool warm = lines > 0;                     // a given number of lines is measured whole
    talking = true;
    timing = warm;
    last_line = start;
    longest_pause = pauses = 0;
    for (int i = 0; i < talkers * window && (!lines || i < lines); i++)
        say(i % talkers);
    while (talking || done < total_said) {
        pump(20);
        if (!warm && clock_now > start + seconds * 0.2) {
            warm = timing = true;
            measured = clock_now;
            before = delivered;
        }
        if (silent && total_said > (visits + 1) * (lines / 11))
            visit();
        if (talking && (lines ? total_said >= lines : clock_now > start + seconds)) {
            talking = false;
            cut = clock_now - measured;
            before = delivered - before;
        }
        if (clock_now > last_line + PATIENCE || clock_now > start + limit)
            break;
    }
    if (silent)                                // the last leave and join may still be under way
        for (double end = now(); (silent_left_at < 0 || visitor) && clock_now < end + 2;)
            pump(5);
    if (lines || talking) {
        before = delivered;
        cut = last_line - start;
    }
    printf("\"per_second\": %.0f, ", cut > 0 ? before / cut : 0);
    return cut;
}

static double join_all(void)
{
    double start = now();
    long want = (long)clients * (clients - 1) / 2;
    last_line = start;
    for (int who = 0; who < clients; who++) {
        enter(who);
        if (who % 16 == 15)
            pump(0);
    }
    while (notices < want && now() < last_line + PATIENCE && clock_now < start + limit)
        pump(5);
    printf("\"missing_notices\": %ld, ", want - notices);
    return last_line - start;
}

static double flood(void)
{
    static char out[SLICE + MAX_LINE];
    size_t size = 0, sent = 0;
    double start = now(), looked = start;
    long want = (long)lines * (clients - 1), kib, sockets = 0, most_sockets = 0;
    last_line = start;
    longest_pause = pauses = 0;
    while (delivered < want && clock_now < last_line + PATIENCE && clock_now < start + limit) {
        if (sent == size)
            for (size = sent = 0; size < SLICE && (int)said[0] < lines;)
                size += compose(out + size, 0, said[0]++);
        ssize_t n = sent < size ? send(room[0].fd, out + sent, size - sent, MSG_NOSIGNAL) : 0;
        sent += n > 0 ? n : 0;
        pump(n > 0 ? 0 : 2);
        if (clock_now > looked + 0.02) {
            looked = clock_now;
            kib = memory("VmRSS:");
            sockets = sockets_memory();
            if (sockets > most_sockets)
                most_sockets = sockets;
            if (kib > memory_limit * 1024)
                break;
        }
    }
    printf("\"missing_share\": %.4f, \"kib_sockets\": %ld, ", 1 - (double)delivered / want, most_sockets);
    return last_line - start;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double microseconds(double share)
{
    return latency_count ? latencies[(long)(share * (latency_count - 1) + 0.5)] * 1e6 : 0;
}

int main(int argc, char **argv)
{
    for (int o; (o = getopt(argc, argv, "p:i:w:n:k:s:b:m:t:x:l:c:")) != -1;)
        switch (o) {
        case 'p': port = atoi(optarg); break;
        case 'i': pid = atoi(optarg); break;
        case 'w': workload = optarg; break;
        case 'n': clients = atoi(optarg); break;
        case 'k': talkers = atoi(optarg); break;
        case 's': window = atoi(optarg); break;
        case 'b': bytes = atoi(optarg); break;
        case 'm': lines = atoi(optarg); break;
        case 't': seconds = atof(optarg); break;
        case 'x': silent = atoi(optarg); break;
        case 'l': limit = atof(optarg); break;
        case 'c': memory_limit = atof(optarg); break;
        default: return 2;
        }
    if (clients < 2 || clients > MAX_CLIENTS || talkers > clients || bytes < 20 || bytes > 16384)
        fail("expected 2 to %d clients, no more talkers than clients, 20 to 16384 bytes", MAX_CLIENTS);
    slots = calloc((size_t)talkers * window, sizeof *slots);
    said = calloc(talkers, sizeof *said);
    loop = epoll_create1(0);
    long empty = memory("VmRSS:");
    if (*workload != 'j')
        enter_one_by_one();
    long full = memory("VmRSS:");
    double busy = cpu(), took = 0, start = now();
    printf("{");
    if (*workload == 't')
        took = talk();
    else if (*workload == 'j')
        took = join_all();
    else if (*workload == 'f')
        took = flood();
    qsort(latencies, latency_count, sizeof *latencies, by_size);
    printf("\"seconds\": %.4f, \"delivered\": %ld, \"undone\": %ld, \"odd\": %ld, \"closed\": %ld, "
           "\"p50_us\": %.1f, \"p99_us\": %.1f, \"max_us\": %.1f, \"longest_pause\": %.4f, \"pauses\": %ld, "
           "\"silent_left\": %d, \"silent_left_after\": %.3f, \"visits\": %ld, \"visits_unheard\": %ld, "
           "\"kib_empty\": %ld, \"kib_full\": %ld, \"kib_end\": %ld, \"kib_peak\": %ld, "
           "\"kib_per_client\": %.1f, \"server_cpu\": %.2f}\n",
           took, delivered, *workload == 't' ? total_said - done : 0, odd, closed, microseconds(0.5),
           microseconds(0.99), microseconds(1), longest_pause, pauses, silent_left_at >= 0,
           silent_left_at >= 0 ? silent_left_at - start : -1, visits, visits - visits_heard, empty, full,
           memory("VmRSS:"), memory("VmHWM:"), (double)(full - empty) / clients, cpu() - busy);
    return 0;
}
