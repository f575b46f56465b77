/* nearest.c - see nearest.h. */
#include "cli/nearest.h"

#include <string.h>

/* Longer words are not compared: the names of commands, options and error codes are far shorter. */
enum { WORD_MAX = 40 };

static unsigned least(unsigned a, unsigned b) {
    return a < b ? a : b;
}

static unsigned distance(const char *a, const char *b) {
    unsigned row[3][WORD_MAX + 1];
    size_t a_len = strlen(a);
    size_t b_len = strlen(b);
    for (size_t j = 0; j <= b_len; j++)
        row[0][j] = (unsigned)j;
    for (size_t i = 1; i <= a_len; i++) {
        unsigned *now = row[i % 3];
        const unsigned *last = row[(i + 2) % 3];
        const unsigned *before = row[(i + 1) % 3];
        now[0] = (unsigned)i;
        for (size_t j = 1; j <= b_len; j++) {
            now[j] = least(least(last[j], now[j - 1]) + 1, last[j - 1] + (a[i - 1] != b[j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                now[j] = least(now[j], before[j - 2] + 1);
        }
    }
    return row[a_len % 3][b_len];
}

const char *nearest_word(const char *text, const char *const *words, size_t count) {
    const char *best = NULL;
    unsigned best_distance = WORD_MAX;
    size_t len = strlen(text);
    if (len == 0 || len > WORD_MAX)
        return NULL;
    for (size_t i = 0; i < count; i++) {
        size_t word_len = strlen(words[i]);
        if (word_len > WORD_MAX)
            continue;
        unsigned edits = len >= 3 && strncmp(words[i], text, len) == 0 ? 1 : distance(text, words[i]);
        size_t longer = len > word_len ? len : word_len;
        if (edits < best_distance && edits <= (longer + 2) / 3) {
            best = words[i];
            best_distance = edits;
        }
    }
    return best;
}
