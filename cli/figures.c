/* figures.c - see figures.h. */
#include "cli/figures.h"

#include <stdio.h>
#include <string.h>

/* Beyond this a duration is noise: an estimate of a hundred years is "?". */
static const double DURATION_MAX = 100.0 * 366 * 86400;

struct figure figure_count(int64_t value) {
    struct figure figure = {""};
    char digits[FIGURE_MAX];
    int len = snprintf(digits, sizeof digits, "%lld", (long long)value);
    size_t at = 0;
    for (int i = 0; i < len; i++) {
        int left = len - i;
        if (i > 0 && digits[i - 1] != '-' && left % 3 == 0)
            figure.text[at++] = ',';
        figure.text[at++] = digits[i];
    }
    figure.text[at] = '\0';
    return figure;
}

struct figure figure_percent(double percent) {
    struct figure figure;
    if (!(percent >= 0) || percent > 1000)
        percent = percent > 1000 ? 1000 : 0;
    /* 99.97 must not read as 100.0: people act on "all of it". */
    if (percent < 100 && percent > 99.9)
        percent = 99.9;
    snprintf(figure.text, sizeof figure.text, "%.1f%%", percent);
    return figure;
}

struct figure figure_duration(double seconds) {
    struct figure figure;
    if (!(seconds >= 0) || seconds > DURATION_MAX) {
        snprintf(figure.text, sizeof figure.text, "?");
        return figure;
    }
    uint64_t whole = (uint64_t)(seconds + 0.5);
    unsigned day = (unsigned)(whole / 86400);
    unsigned hour = (unsigned)(whole / 3600 % 24);
    unsigned minute = (unsigned)(whole / 60 % 60);
    unsigned second = (unsigned)(whole % 60);
    if (seconds < 9.95)
        snprintf(figure.text, sizeof figure.text, "%.1fs", seconds);
    else if (whole < 60)
        snprintf(figure.text, sizeof figure.text, "%us", second);
    else if (whole < 3600)
        snprintf(figure.text, sizeof figure.text, "%um %02us", minute, second);
    else if (whole < 86400)
        snprintf(figure.text, sizeof figure.text, "%uh %02um", hour, minute);
    else
        snprintf(figure.text, sizeof figure.text, "%ud %02uh", day, hour);
    return figure;
}

struct figure figure_rate(double per_second) {
    struct figure figure;
    if (!(per_second >= 0) || per_second > 1e15) {
        snprintf(figure.text, sizeof figure.text, "?");
        return figure;
    }
    if (per_second >= 9.95 || per_second == 0)
        return figure_count((int64_t)(per_second + 0.5));
    snprintf(figure.text, sizeof figure.text, "%.1f", per_second);
    return figure;
}
