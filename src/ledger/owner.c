/* owner.c - see owner.h. Linux: /proc tells the boot and when a process began. */
#include "ledger/owner.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { BOOT_SIZE = 37, HOST_SIZE = 65 };

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
    if (!read_file("/proc/sys/kernel/random/boot_id", out, BOOT_SIZE))
        snprintf(out, BOOT_SIZE, "-");
}

/* Field 22 of /proc/PID/stat, counted behind the last ')': the name in brackets may hold anything. 0: no such process. */
static unsigned long long start_time(long pid) {
    char path[64], text[1024];
    unsigned long long start = 0;
    snprintf(path, sizeof path, "/proc/%ld/stat", pid);
    if (!read_file(path, text, sizeof text))
        return 0;
    const char *field = strrchr(text, ')');
    for (int i = 2; field != NULL && i < 22; i++)
        field = strchr(field + 1, ' ');
    if (field == NULL || sscanf(field, " %llu", &start) != 1)
        return 0;
    return start;
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
    host_name(host);
    boot_id(boot);
    snprintf(out, OWNER_MAX, "%s/%s/%ld/%llu/", host, boot, (long)getpid(), start_time((long)getpid()));
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
    return text && sscanf(text, "%64[^/]/%36[^/]/%ld/%llu/", owner->host, owner->boot, &owner->pid, &owner->start) == 4;
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
    unsigned long long now = start_time(parts.pid);
    if (now != 0)
        return now != parts.start;
    return kill((pid_t)parts.pid, 0) != 0 && errno == ESRCH;
}

void owner_actor(char *out, size_t size) {
    char host[HOST_SIZE];
    host_name(host);
    const struct passwd *user = getpwuid(geteuid());
    snprintf(out, size, "%s@%s", user ? user->pw_name : "?", host);
}
