/* datum_order.h - a total order of values, the same for both sides: numbers by value, times by time, all else by bytes.
 *
 * It is no database's order: texts are compared byte by byte, whatever their collation. */
#ifndef RECONCILE_DATUM_ORDER_H
#define RECONCILE_DATUM_ORDER_H

#include "sql/datum.h"

/* Below, at or above 0. Numbers of different kinds compare by value, equal ones then by kind and scale; values of other kinds that differ
 * compare by kind. */
int datum_order(const struct datum *a, const struct datum *b);

#endif
