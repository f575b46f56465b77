/* log.c - see log.h. */
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>

enum { LOG_LINE_MAX = 8192 }; /* an err with message, where and next fits */

void log_line(const struct log *log, enum log_level level, const char *format, ...) {
    if (log == NULL || log->sink == NULL)
        return;
    char line[LOG_LINE_MAX];
    va_list args;
    va_start(args, format);
    int len = vsnprintf(line, sizeof(line), format, args);
    va_end(args);
    if (len < 0)
        return;
    /* Server messages may hold newlines; a log line must not, or it could forge the next one. */
    for (char *c = line; *c != '\0'; c++)
        if (*c == '\n' || *c == '\r')
            *c = ' ';
    log->sink(log->context, level, line);
}
