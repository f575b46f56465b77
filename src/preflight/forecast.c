/* forecast.c - see forecast.h. */
#include "preflight/forecast.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>

enum { SAMPLES_MAX = 64, SECOND_US = 1000000 };

/* Student's t for two sides of 5% by degrees of freedom; beyond the table the normal distribution's 1.645 is near enough. */
static double student(size_t freedom) {
    static const double table[] = {6.314, 2.920, 2.353, 2.132, 2.015, 1.943, 1.895, 1.860, 1.833, 1.812,
                                   1.796, 1.782, 1.771, 1.761, 1.753, 1.746, 1.740, 1.734, 1.729, 1.725};
    return freedom == 0 ? 0 : freedom <= sizeof table / sizeof table[0] ? table[freedom - 1] : 1.7;
}

static double mean_of(const double *values, size_t count) {
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += values[i];
    return sum / (double)count;
}

static double deviation_of(const double *values, size_t count, double mean) {
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += (values[i] - mean) * (values[i] - mean);
    return count < 2 ? 0 : sqrt(sum / (double)(count - 1));
}

/* The slowest but one in ten. */
static double p90_of(const double *values, size_t count) {
    double sorted[SAMPLES_MAX];
    size_t used = count < SAMPLES_MAX ? count : SAMPLES_MAX;
    for (size_t i = 0; i < used; i++) {
        size_t at = i;
        for (; at > 0 && sorted[at - 1] > values[i]; at--)
            sorted[at] = sorted[at - 1];
        sorted[at] = values[i];
    }
    return sorted[(used - 1) * 9 / 10];
}

/* With its share of what each batch costs. */
static double whole_us(const struct forecast_facts *facts, double us_per_row) {
    return us_per_row + (facts->batch_rows > 0 ? (double)facts->overhead_us / (double)facts->batch_rows : 0);
}

static double seconds_for(const struct forecast_facts *facts, double us_per_row) {
    if (facts->rows < 0)
        return -1;
    double worked_us = whole_us(facts, us_per_row) / (double)(facts->workers > 0 ? facts->workers : 1);
    double paced_us = facts->rows_per_second > 0 ? (double)SECOND_US / (double)facts->rows_per_second : 0;
    return (double)facts->rows * (worked_us > paced_us ? worked_us : paced_us) / SECOND_US;
}

/* Two figures are all that such a number can mean; never up to 0. */
static int64_t rounded(double value) {
    double step = 1;
    while (value / step >= 100)
        step *= 10;
    double whole = floor(value / step) * step;
    return whole < 1 ? 1 : whole > 1e15 ? INT64_C(1000000000000000) : (int64_t)whole;
}

/* Rounded up, in a unit of which there are more than one. */
static void say_within(double seconds, char out[FORECAST_TEXT]) {
    double unit = seconds <= 120 ? 1 : seconds <= 7200 ? 60 : 3600;
    out[0] = '\0';
    if (seconds >= 0 && seconds < 1e15)
        snprintf(out, FORECAST_TEXT, "%.0f%s", ceil(seconds < 1 ? 1 : seconds / unit), unit < 2 ? "s" : unit < 61 ? "m" : "h");
}

void forecast_make(const struct forecast_facts *facts, struct forecast *forecast) {
    assert(facts->count > 0);
    double mean = mean_of(facts->us_per_row, facts->count), p90 = p90_of(facts->us_per_row, facts->count);
    double half = facts->count < 2 ? 0
                                   : student(facts->count - 1) * deviation_of(facts->us_per_row, facts->count, mean) /
                                         sqrt((double)facts->count);
    double least = mean < 0.001 ? 0.001 : mean; /* faster than a nanosecond is a clock that did not tick */
    forecast->us_per_row = mean;
    forecast->us_per_row_low = mean > half ? mean - half : 0;
    forecast->us_per_row_high = mean + half;
    forecast->seconds = seconds_for(facts, mean);
    forecast->seconds_low = seconds_for(facts, forecast->us_per_row_low);
    forecast->seconds_high = seconds_for(facts, forecast->us_per_row_high);
    say_within(forecast->seconds_high, forecast->finish_within);
    double left_us =
        (double)(facts->target_us > 2 * facts->overhead_us ? facts->target_us - facts->overhead_us : facts->target_us / 2);
    double rows = left_us / (p90 < 0.001 ? 0.001 : p90);
    forecast->batch_rows = rows > (double)facts->rows_max ? facts->rows_max : rounded(rows);
    double busy =
        facts->rows_per_second > 0 ? (double)facts->rows_per_second * whole_us(facts, mean) / SECOND_US : (double)facts->workers;
    forecast->workers = busy <= 1 ? 1 : busy > (double)facts->workers ? facts->workers : (int64_t)ceil(busy);
    forecast->rows_per_second = rounded(SECOND_US / least / 2);
}
