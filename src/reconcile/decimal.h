/* decimal.h - numbers of any kind as decimals, with every digit they have.
 *
 * A struct decimal borrows the text it was read from, or the digits that the caller gives room for. Pure functions. */
#ifndef RECONCILE_DECIMAL_H
#define RECONCILE_DECIMAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sql/datum.h"

enum decimal_class { DECIMAL_PLUS, DECIMAL_MINUS, DECIMAL_NAN, DECIMAL_INFINITY, DECIMAL_MINUS_INFINITY, DECIMAL_NONE };

enum { DECIMAL_DIGITS = 24 }; /* room for those of an integer or a double */

/* digits * 10^-scale. The digits lie in two runs, before and behind the point, without leading zeros; zero has none and is DECIMAL_PLUS. */
struct decimal {
    enum decimal_class class;
    const char *whole;
    size_t whole_size;
    const char *part;
    size_t part_size;
    int64_t scale; /* negative where zeros in front of the point were taken away, or an exponent says so */
};

/* The text of a DECIMAL, without exponent; class DECIMAL_NONE where it is none. */
struct decimal decimal_scan(const char *text, size_t size);
struct decimal decimal_of_integer(bool negative, uint64_t magnitude, char digits[DECIMAL_DIGITS]);
/* The shortest decimal that stands for the double (docs/canonical.md, "Number"). */
struct decimal decimal_of_double(double real, char digits[DECIMAL_DIGITS]);
/* A BOOL, INT, UINT, DECIMAL or DOUBLE; false if it is another kind or no number. */
bool decimal_of_datum(const struct datum *value, char digits[DECIMAL_DIGITS], struct decimal *number);

/* Takes trailing zeros away, so that equal numbers have equal digits and scale. */
void decimal_trim(struct decimal *number);

/* Below, at or above 0, by value: -Infinity, finite numbers, Infinity, NaN, no number. */
int decimal_compare(const struct decimal *a, const struct decimal *b);

#endif
