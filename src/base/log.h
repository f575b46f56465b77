/* log.h - where messages go: a function that the host gives. The library itself never prints.
 *
 * Thread-safe if the host's function is. Messages are one line, without the newline, without secrets and row values. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

struct log {
    void (*sink)(void *context, enum log_level level, const char *line); /* NULL: silent */
    void *context;
};

void log_line(const struct log *log, enum log_level level, const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
