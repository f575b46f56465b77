/* sample.c - see sample.h. The arithmetic: how many rows, and what defects among them leave possible. */
#include "reconcile/sample.h"

#include <assert.h>
#include <math.h>

/* Below, the chance of finding nothing is a product over the defective rows; above, over the chosen ones, of which there are fewer then. */
static const uint64_t DEFECTIVE_FEW = 10000;

/* Of an endless population. */
static double endless_size(double confidence, double rate) {
    return ceil(log1p(-confidence) / log1p(-rate));
}

/* The log of the chance that `rows` of `population` hold none of the `defective`. */
static double log_chance_of_none(uint64_t rows, uint64_t defective, uint64_t population) {
    double log_chance = 0;
    for (uint64_t i = 0; i < defective; i++) {
        if (population - rows <= i)
            return -INFINITY;
        log_chance += log((double)(population - rows - i) / (double)(population - i));
    }
    return log_chance;
}

static uint64_t size_for_few(double log_limit, uint64_t defective, uint64_t population) {
    uint64_t low = 0;
    uint64_t high = population;
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        if (log_chance_of_none(middle, defective, population) < log_limit)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

static uint64_t size_for_many(double log_limit, uint64_t defective, uint64_t population) {
    double log_chance = 0;
    uint64_t rows = 0;
    while (rows < population && log_chance >= log_limit) {
        if (population - rows <= defective)
            return rows + 1;
        log_chance += log1p(-(double)defective / (double)(population - rows));
        rows++;
    }
    return rows;
}

uint64_t sample_size(double confidence, double rate, uint64_t population) {
    assert(confidence > 0 && confidence < 1 && rate > 0 && rate < 1);
    double endless = endless_size(confidence, rate);
    if (population == 0)
        return endless < 0x1p63 ? (uint64_t)endless : INT64_MAX;
    double least = ceil((double)population * rate * (1 - 1e-12)); /* 10,000 of them at 0.01 % is one, whatever doubles say */
    uint64_t defective = least < 1 ? 1 : (uint64_t)least;
    double log_limit = log1p(-confidence) - 1e-12; /* a tie does not exclude */
    return defective <= DEFECTIVE_FEW ? size_for_few(log_limit, defective, population)
                                      : size_for_many(log_limit, defective, population);
}

static double log_gamma(double x) {
    int sign;
    return lgamma_r(x, &sign); /* lgamma itself writes a global */
}

/* P(at most `defects` of `rows`) at a defect rate. Summed from the greatest term down, since rates below the bound are of no interest. */
static double chance_of_at_most(uint64_t defects, uint64_t rows, double rate) {
    double n = (double)rows;
    double k = (double)defects;
    double log_term = log_gamma(n + 1) - log_gamma(k + 1) - log_gamma(n - k + 1) + k * log(rate) + (n - k) * log1p(-rate);
    double term = 1;
    double sum = 1;
    for (uint64_t i = defects; i > 0 && term > sum * 1e-17; i--) {
        term *= (double)i / (double)(rows - i + 1) * (1 - rate) / rate;
        sum += term;
    }
    return exp(log_term) * sum;
}

double sample_rate_bound(double confidence, uint64_t rows, uint64_t defects) {
    assert(confidence > 0 && confidence < 1 && defects <= rows);
    if (defects == rows)
        return 1;
    if (defects == 0)
        return -expm1(log1p(-confidence) / (double)rows);
    double low = (double)defects / (double)rows;
    double high = 1;
    for (int i = 0; i < 200 && high - low > low * 1e-12; i++) {
        double middle = low + (high - low) / 2;
        if (chance_of_at_most(defects, rows, middle) > 1 - confidence)
            low = middle;
        else
            high = middle;
    }
    return high;
}

double sample_bound(double confidence, uint64_t rows, uint64_t defects, uint64_t population) {
    if (population > 0 && rows >= population)
        return (double)defects / (double)population;
    double bound = sample_rate_bound(confidence, rows, defects);
    if (population == 0 || defects > 0 || rows == 0)
        return bound;
    /* So many defective rows are excluded; one fewer may be. What the endless population excludes, this one does. */
    uint64_t low = 0;
    uint64_t high = (uint64_t)ceil(bound * (double)population);
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        if (log_chance_of_none(rows, middle, population) < log1p(-confidence) - 1e-12)
            high = middle;
        else
            low = middle + 1;
    }
    double finite = (double)(low > 0 ? low - 1 : 0) / (double)population;
    return finite < bound ? finite : bound;
}
