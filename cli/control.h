/* control.h - what pause, resume and stop share: they differ in one word. */
#ifndef CLI_CONTROL_H
#define CLI_CONTROL_H

#include <infill.h>

#include "cli/command.h"

extern const struct option_spec control_options[]; /* --because */
extern const int control_exit_codes[];

int control_run(struct cli *cli, enum infill_action action);

#endif
