/* gate.h - what stands before a run in the careful profile: the checklist, and somebody who means it. */
#ifndef CLI_GATE_H
#define CLI_GATE_H

#include <infill.h>

#include "cli/command.h"

/* 0: go on. Else everything is said, and it is the exit code. Uses --yes and --accept. In other profiles nothing is asked. */
int gate_pass(struct cli *cli, const struct infill_plan *plan);

#endif
