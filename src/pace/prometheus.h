/* prometheus.h - one value of a Prometheus: an instant query over HTTP.
 *
 * What is not one finite number, because nothing matches, more than one series does, or there is nothing to compute (NaN), cannot be read:
 * it is never taken for nought. */
#ifndef PACE_PROMETHEUS_H
#define PACE_PROMETHEUS_H

#include "pace/signal.h"

/* The signal's promql, evaluated by what answers under its URL. */
int prometheus_ask(const struct signal *signal, const struct signal_tools *tools, double *value, struct err *err);

/* ---- its parts ---- */
struct buf;
/* `base` with /api/v1/query and the query; what `base` says behind a '?' of its own comes first. */
void prometheus_url(const char *base, const char *promql, struct buf *out);
int prometheus_read(const char *answer, size_t len, double *value, struct err *err);

#endif
