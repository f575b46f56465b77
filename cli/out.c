/* out.c - see out.h. */
#include "cli/out.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/doc.h"
#include "cli/options.h"
#include "cli/term.h"
#include "cli/xalloc.h"

enum { LEVEL_DEBUG, LEVEL_INFO, LEVEL_WARNING, LEVEL_ERROR };

void out_init(struct out *out, const struct args *args) {
    out->json = args_flag(args, "json");
    out->quiet = args_flag(args, "quiet");
    out->verbose = args_flag(args, "verbose");
    out->colour = !args_flag(args, "no-color") && term_takes_colour(STDOUT_FILENO);
    out->columns = term_columns(STDOUT_FILENO);
}

/* JSON escapes C0 only, so on a terminal everything beyond ASCII is escaped as well. */
void out_document(const struct out *out, const char *json) {
    json_t *document = doc_read(json);
    size_t flags = out->columns > 0 ? JSON_INDENT(2) | JSON_ENSURE_ASCII : JSON_COMPACT;
    char *text = document != NULL ? json_dumps(document, flags | JSON_ENCODE_ANY) : NULL;
    puts(text != NULL ? text : json);
    free(text);
    json_decref(document);
}

int out_result(const struct out *out, char *json, void (*show)(FILE *file, const struct out *out, const json_t *document)) {
    json_t *document = out->json ? NULL : doc_read(json);
    if (out->json)
        out_document(out, json);
    else
        show(stdout, out, document);
    json_decref(document);
    infill_free(json);
    return 0;
}

/* Whether a shell takes the name as it is; others would need quotes that differ between shells. */
static bool is_plain(const char *name) {
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./+,:@%-";
    return name != NULL && name[0] != '\0' && name[strspn(name, plain)] == '\0';
}

void out_command(FILE *file, const struct out *out, const char *text) {
    const char *word = is_plain(out->plan) ? strstr(text, " PLAN") : NULL;
    size_t len = word != NULL ? (size_t)(word - text) + 1 : 0;
    if (word == NULL || (word[5] != ' ' && word[5] != '\0')) {
        term_escape_lines(file, text, "    ");
        return;
    }
    char *before = xformat("%.*s", (int)len, text);
    term_escape_lines(file, before, "    ");
    fputs(out->plan, file);
    free(before);
    out_command(file, out, text + len + 4);
}

static void print_part(FILE *file, const char *name, const char *text) {
    if (text[0] == '\0')
        return;
    fprintf(file, "  %s: ", name);
    term_escape_lines(file, text, "    ");
    fputc('\n', file);
}

void out_error_text(FILE *file, const struct out *out, const struct infill_error *error) {
    fputs("infill: ", file);
    term_escape_lines(file, error->message[0] != '\0' ? error->message : infill_error_line(error->code), "    ");
    if (error->sqlstate[0] != '\0' && strstr(error->message, error->sqlstate) == NULL)
        fprintf(file, " (SQLSTATE %.5s)", error->sqlstate);
    else if (error->sqlstate[0] == '\0' && error->native != 0)
        fprintf(file, " (error %d)", error->native);
    fputc('\n', file);
    print_part(file, "where", error->where);
    fputs("  next: ", file);
    if (error->next[0] != '\0')
        out_command(file, out, error->next);
    else
        fprintf(file, "infill explain %s", infill_error_name(error->code));
    fputc('\n', file);
}

void out_error_json(FILE *file, const struct infill_error *error) {
    json_t *document =
        json_pack("{ss ss si ss si so so so}", "type", "error", "code", infill_error_name(error->code), "exit_code",
                  infill_error_exit_code(error->code), "sqlstate", error->sqlstate, "native", error->native, "message",
                  doc_string(error->message), "where", doc_string(error->where), "next", doc_string(error->next));
    char *text = document != NULL ? json_dumps(document, JSON_COMPACT | JSON_ENSURE_ASCII) : NULL;
    fprintf(file, "%s\n", text != NULL ? text : "{\"type\":\"error\"}");
    free(text);
    json_decref(document);
}

int out_error(const struct out *out, const struct infill_error *error) {
    out_error_text(stderr, out, error);
    if (out->json)
        out_error_json(stdout, error);
    return infill_error_exit_code(error->code);
}

int out_usage(const struct out *out, const char *next, const char *format, ...) {
    struct infill_error error = {.code = INFILL_ERR_USAGE};
    va_list args;
    va_start(args, format);
    vsnprintf(error.message, sizeof error.message, format, args);
    va_end(args);
    snprintf(error.next, sizeof error.next, "%s", next);
    return out_error(out, &error);
}

static void log_line(void *context, int level, const char *text) {
    const struct out *out = context;
    struct xstream line;
    if (level < LEVEL_WARNING && !out->verbose)
        return;
    /* One write per line, because workers' threads log at the same time. */
    xstream_begin(&line);
    fputs(level >= LEVEL_ERROR ? "infill: error: " : level == LEVEL_WARNING ? "infill: warning: " : "infill: ", line.file);
    term_escape(line.file, text);
    char *whole = xstream_end(&line);
    fprintf(stderr, "%s\n", whole);
    free(whole);
}

struct infill_log out_log(const struct out *out) {
    union {
        const struct out *constant;
        void *context;
    } pointer = {.constant = out}; /* log_line only reads */
    return (struct infill_log){log_line, pointer.context};
}

int out_finish(int code) {
    bool failed = ferror(stdout) != 0;
    errno = 0;
    if (fclose(stdout) != 0 || failed) {
        fprintf(stderr, "infill: standard output could not be written: %s\n", errno != 0 ? strerror(errno) : "write error");
        return code != 0 ? code : 1;
    }
    return code;
}

const char *out_bold(const struct out *out) {
    return out->colour ? "\033[1m" : "";
}

const char *out_plain(const struct out *out) {
    return out->colour ? "\033[0m" : "";
}

const char *out_mark(const struct out *out, const char *severity) {
    bool fail = strcmp(severity, "fail") == 0;
    if (!out->colour)
        return fail ? "✗" : "!";
    return fail ? "\033[31m✗\033[0m" : "\033[33m!\033[0m";
}
