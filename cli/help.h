/* help.h - what the tables say, as text. `columns` 0 means that of no terminal: 80. */
#ifndef CLI_HELP_H
#define CLI_HELP_H

#include <stdio.h>

#include "cli/command.h"

void help_overview(FILE *out, unsigned columns);
void help_command(FILE *out, const struct command *command, unsigned columns);

/* What an exit code says, in one line; NULL for one that infill does not use. */
const char *help_exit_code(int code);

/* "-q, --quiet", "--env NAME": how an option is written. The caller frees. */
char *help_option_name(const struct option_spec *spec);
/* Its sentence with default and variable. The caller frees. */
char *help_option_text(const struct option_spec *spec);

#endif
