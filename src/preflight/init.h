/* init.h - a first plan, written from the live schemas: what has the same name is carried, the rest is said in comments. */
#ifndef PREFLIGHT_INIT_H
#define PREFLIGHT_INIT_H

#include "base/buf.h"
#include "base/err.h"
#include "db/db.h"

/* Appends the YAML text of a plan that fills `into` from `from` (in place when NULL) to `out`. `url` is written as given. */
int init_plan(struct db *db, const char *url, const char *from, const char *into, struct buf *out, struct err *err);

#endif
