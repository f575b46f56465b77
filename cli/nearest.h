/* nearest.h - the word that was probably meant. */
#ifndef CLI_NEAREST_H
#define CLI_NEAREST_H

#include <stddef.h>

/* The word of `words` nearest to `text` by edits and swaps (optimal string alignment, Damerau 1964), or NULL when none is near: more
 * than a third of the longer word would have to change. A word that `text` begins counts as near. */
const char *nearest_word(const char *text, const char *const *words, size_t count);

#endif
