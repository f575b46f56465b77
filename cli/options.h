/* options.h - the declarative option tables and what was given for them.
 *
 * One table per command, plus the ones every command has and the ones every command with a plan has. The same tables make the parser
 * (getopt_long), --help, the man page and the shell completions. */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct command;

enum option_kind {
    OPTION_FLAG,
    OPTION_TEXT,   /* the last one counts */
    OPTION_NUMBER, /* a whole number from 1 */
    OPTION_LIST,   /* may be repeated */
};

struct option_spec {
    const char *name; /* without the dashes; ends a table when NULL */
    char letter;      /* 0: no short form */
    enum option_kind kind;
    bool is_file;         /* its value completes as a file name */
    const char *value;    /* what the value is called: "FILE" */
    const char *help;     /* half a sentence, no full stop */
    const char *fallback; /* what holds when it is left out; NULL: nothing worth saying */
    const char *variable; /* the environment variable that says the same, read by the library; NULL: none */
};

/* Two commands' worth; a command has far fewer. The limit makes struct args a plain value. */
enum { OPTIONS_MAX = 32 };

struct args {
    const struct command *command;
    const struct option_spec *specs[OPTIONS_MAX];
    size_t spec_count;
    struct {
        const char **values;
        size_t count; /* times given */
    } given[OPTIONS_MAX];
    const char **positionals; /* without the command's name */
    size_t positional_count;
};

extern const struct option_spec global_options[];
extern const struct option_spec plan_options[]; /* of commands that take a plan */

/* Finds the command's name in argv without judging anything else. NULL: there is none; *help and *version say what was asked for
 * before it. Returns 0, or 2 after a message on `errors`. */
int args_find_command(int argc, char **argv, const char **name, bool *help, bool *version, FILE *errors);

/* Everything but the command's name. Returns 0, or 2 after a message on `errors`. args_release either way. */
int args_parse(struct args *args, const struct command *command, int argc, char **argv, FILE *errors);
void args_release(struct args *args);

/* The specs of a command: its own, the plan's, the global ones. Returns how many. */
size_t args_specs(const struct command *command, const struct option_spec **specs);

/* What was given for --name, which must be in the command's tables. */
bool args_flag(const struct args *args, const char *name);
const char *args_text(const struct args *args, const char *name); /* NULL: not given */
unsigned args_number(const struct args *args, const char *name);  /* 0: not given */
size_t args_list(const struct args *args, const char *name, const char *const **values);

#endif
