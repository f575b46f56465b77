/* figures.h - numbers as people read them. Every function writes into the caller's buffer and returns it. */
#ifndef CLI_FIGURES_H
#define CLI_FIGURES_H

#include <stddef.h>
#include <stdint.h>

enum { FIGURE_MAX = 32 }; /* bytes that any figure needs, with the NUL */

struct figure {
    char text[FIGURE_MAX];
};

struct figure figure_count(int64_t value);     /* 1,234,567 */
struct figure figure_percent(double percent);  /* 12.3%; 100.0% only when it is all of it */
struct figure figure_duration(double seconds); /* 0.4s, 12s, 3m 05s, 2h 07m, 3d 04h; negative: "?" */
struct figure figure_rate(double per_second);  /* 8,123; below ten with one decimal */

#endif
