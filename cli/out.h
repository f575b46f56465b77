/* out.h - where a command's words go: data to standard output, everything else to standard error. */
#ifndef CLI_OUT_H
#define CLI_OUT_H

#include <infill.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

struct args;

struct out {
    bool json;
    bool quiet;
    bool verbose;
    bool colour;      /* on standard output */
    unsigned columns; /* of standard output; 0: not a terminal */
    const char *plan; /* the plan as it was given, to put where messages say PLAN; NULL: leave them */
};

void out_init(struct out *out, const struct args *args);

/* The document as the library made it, on one line; on a terminal indented, and with everything but ASCII escaped. */
void out_document(const struct out *out, const char *json);

/* Prints the library's document, as it is with --json or else through `show`, and frees it. Returns 0. */
int out_result(const struct out *out, char *json, void (*show)(FILE *file, const struct out *out, const json_t *document));

/* "infill: message / where: … / next: …" on standard error, and with --json {"type": "error", …} on standard output.
 * Returns the process's exit code. */
int out_error(const struct out *out, const struct infill_error *error);
/* An error of the command line itself. Returns 2. */
int out_usage(const struct out *out, const char *next, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* The text of an error, as out_error prints it. */
void out_error_text(FILE *file, const struct out *out, const struct infill_error *error);
/* A command to type next: escaped, with the plan's name for the word PLAN, so that it can be copied. */
void out_command(FILE *file, const struct out *out, const char *text);
/* The same as one line of JSON. */
void out_error_json(FILE *file, const struct infill_error *error);

/* Log lines of the library on standard error: warnings always, information with --verbose. `out` must outlive it. */
struct infill_log out_log(const struct out *out);

/* Ends standard output; a full disk or a closed pipe must not look like success. Returns `code`, or 1 when the data did not get out. */
int out_finish(int code);

/* ANSI sequences, "" without colour. */
const char *out_bold(const struct out *out);
const char *out_plain(const struct out *out);

/* The sign before a warning: ✗ for "fail", ! for the rest, in colour where there is one. */
const char *out_mark(const struct out *out, const char *severity);

#endif
