/* owner.c - see owner.h. Linux: /proc tells the boot and when a process began.
 *
 * A pid means something only inside its namespace, and containers of one pod share a host name: the namespace is part of the boot. */
#include "ledger/owner.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BOOT_ID_SIZE = 37, BOOT_SIZE = 64, HOST_SIZE = 65 };

/* The first bytes of a small file, without the newline. */
static bool read_file(const char *path, char *out, size_t size) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    ssize_t got = read(fd, out, size - 1);
    close(fd);
    if (got <= 0)
        return false;
    out[got] = '\0';
    out[strcspn(out, "\n")] = '\0';
    return true;
}

static void boot_id(char out[BOOT_SIZE]) {
    char id[BOOT_ID_SIZE];
    struct stat pids;
    if (!read_file("/proc/sys/kernel/random/boot_id", id, sizeof id))
        snprintf(id, sizeof id, "-");
    unsigned long long space = stat("/proc/self/ns/pid", &pids) == 0 ? (unsigned long long)pids.st_ino : 0;
    snprintf(out, BOOT_SIZE, "%s.%llu", id, space);
}

/* What /proc/PID/stat says of a process. Its fields are counted behind the last ')': the name in brackets may hold anything. */
struct process {
    unsigned long long start;
    bool ended; /* a zombie that only its parent still knows; with threads left it lives on without its first one */
};

static bool look_at(long pid, struct process *process) {
    enum { STATE = 3, THREADS = 20, START = 22 };
    char path[64], text[1024];
    unsigned long long threads = 0;
    char state = '?';
    snprintf(path, sizeof path, "/proc/%ld/stat", pid);
    if (!read_file(path, text, sizeof text))
        return false;
    const char *field = strrchr(text, ')');
    for (int i = STATE; field != NULL && i <= START; i++) {
        field = strchr(field + 1, ' ');
        if (field && i == STATE)
            state = field[1];
        else if (field && i == THREADS)
            threads = strtoull(field, NULL, 10);
    }
    process->start = field ? strtoull(field, NULL, 10) : 0;
    process->ended = state == 'Z' && threads <= 1;
    return process->start > 0;
}

/* A host name with a '/' would break the form. */
static void host_name(char out[HOST_SIZE]) {
    if (gethostname(out, HOST_SIZE) != 0)
        snprintf(out, HOST_SIZE, "-");
    out[HOST_SIZE - 1] = '\0';
    for (char *c = out; *c; c++)
        if (*c == '/' || *c == '\n')
            *c = '-';
}

void owner_prefix(char out[OWNER_MAX]) {
    char host[HOST_SIZE], boot[BOOT_SIZE];
    struct process self = {0};
    host_name(host);
    boot_id(boot);
    look_at((long)getpid(), &self);
    snprintf(out, OWNER_MAX, "%s/%s/%ld/%llu/", host, boot, (long)getpid(), self.start);
}

void owner_format(unsigned thread, char out[OWNER_MAX]) {
    owner_prefix(out);
    size_t len = strlen(out);
    snprintf(out + len, OWNER_MAX - len, "%u", thread);
}

struct owner {
    char host[HOST_SIZE], boot[BOOT_SIZE];
    long pid;
    unsigned long long start;
};

static bool parse(const char *text, struct owner *owner) {
    return text && sscanf(text, "%64[^/]/%63[^/]/%ld/%llu/", owner->host, owner->boot, &owner->pid, &owner->start) == 4;
}

bool owner_parse(const char *owner, char *host, size_t host_size, long *pid) {
    struct owner parts;
    if (!parse(owner, &parts))
        return false;
    snprintf(host, host_size, "%s", parts.host);
    *pid = parts.pid;
    return true;
}

bool owner_is_dead(const char *owner) {
    struct owner parts;
    char host[HOST_SIZE], boot[BOOT_SIZE];
    if (!parse(owner, &parts) || parts.pid <= 0 || parts.start == 0)
        return false;
    host_name(host);
    boot_id(boot);
    if (strcmp(parts.host, host) != 0 || strcmp(parts.boot, boot) != 0)
        return false;
    struct process now;
    if (look_at(parts.pid, &now))
        return now.ended || now.start != parts.start;
    return kill((pid_t)parts.pid, 0) != 0 && errno == ESRCH;
}

void owner_actor(char *out, size_t size) {
    char host[HOST_SIZE];
    host_name(host);
    const struct passwd *user = getpwuid(geteuid());
    snprintf(out, size, "%s@%s", user ? user->pw_name : "?", host);
}
