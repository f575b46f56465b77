/* command.h - one command of infill: what it is called, what it takes, what it says about itself, and what it does.
 *
 * cli/meson.build lists the names; each is one file cmd_NAME.c with one `const struct command NAME_command`. Help, man page and
 * completions are made from it. */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

#include "cli/options.h"
#include "cli/out.h"

/* What a command works with, once its words are read. */
struct cli {
    struct args args;
    struct out out;
};

struct command {
    const char *name;
    const char *summary;     /* one line for the list of commands */
    const char *positionals; /* "PLAN", "URL"; "" for none */
    size_t positional_max;
    bool takes_plan;  /* the first positional is PLAN, or INFILL_PLAN */
    bool is_hidden;   /* not in help and completions */
    const char *text; /* one paragraph */
    const struct option_spec *options;
    const char *const *examples; /* ends with NULL */
    const int *exit_codes;       /* those it can end with, 0 first, ends with -1; the ones of signals included */
    int (*run)(struct cli *cli); /* returns the process's exit code */
};

extern const struct command *const commands[];
extern const size_t command_count;

const struct command *command_find(const char *name);
/* The command nearest to a word, or NULL. */
const char *command_nearest(const char *word);
/* Whether the word is a command of a later version. */
bool command_is_planned(const char *word);

#endif
