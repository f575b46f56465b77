/* plan_open.h - from the command line to a plan. */
#ifndef CLI_PLAN_OPEN_H
#define CLI_PLAN_OPEN_H

#include <infill.h>

#include "cli/command.h"

/* Opens PLAN (or INFILL_PLAN) with --env, --profile and --set; `sets` are more of the latter. On failure everything is said already.
 * Returns 0 or the exit code. */
int plan_open(struct cli *cli, struct infill_plan **plan, const char *const *sets, size_t set_count);

/* The same for an environment that is named otherwise than by --env. */
int plan_open_in(struct cli *cli, const char *environment, struct infill_plan **plan);

/* The path as given, for messages about the next command. */
const char *plan_path(const struct cli *cli);

#endif
