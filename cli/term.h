/* term.h - what a terminal needs: its width, whether it takes colour, and text that cannot steer it.
 *
 * Names and messages come from databases, and whoever names a table chooses bytes that reach the operator's terminal. So every such text
 * goes through term_escape: control characters (C0, DEL, C1), the marks that reorder text (bidi), and bytes that are no UTF-8 come out as
 * visible escapes: \n, \x1b, \u202e. */
#ifndef CLI_TERM_H
#define CLI_TERM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum { TERM_COLUMNS_MIN = 40, TERM_COLUMNS_DEFAULT = 80, TERM_COLUMNS_MAX = 1000 };

/* Columns of the terminal behind fd, at least TERM_COLUMNS_MIN; 0 when it is none. */
unsigned term_columns(int fd);
/* Whether colour is welcome on fd: a terminal that is not dumb, and no NO_COLOR in the environment. */
bool term_takes_colour(int fd);

/* Writes `text` (NULL: nothing) with everything dangerous escaped, line breaks included. */
void term_escape(FILE *out, const char *text);
/* The same, but a line break stays one and is followed by `indent`, so that text never begins a line of ours. */
void term_escape_lines(FILE *out, const char *text, const char *indent);
/* The same into memory; the caller frees. */
char *term_escaped(const char *text);

/* Columns that escaped text takes. */
unsigned term_width(const char *text);
/* Bytes of `text` that fit into `columns`; whole characters only. */
size_t term_fit(const char *text, unsigned columns);
/* Cuts `text` in place to `columns`, ending in "…" when something was cut. The buffer must hold strlen + 3 bytes. */
void term_cut(char *text, unsigned columns);

/* Words of `text` filled into lines of `columns`, each after `indent` blanks; the first line too, unless `hanging`. Ends with a newline. */
void term_fill(FILE *out, const char *text, unsigned indent, unsigned columns, bool hanging);

#endif
