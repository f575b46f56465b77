/* fill_slices.c - see fill_slices.h. */
#include "reconcile/fill_slices.h"
#include "reconcile/slice_sum.h"

#include "base/text.h"

static const char below[] = "rows up to --from", above[] = "rows above the last range";

bool fill_slices_says(const char *what) {
    return text_equal(what, below) || text_equal(what, above);
}

static void add_left_out(json_t *not_compared, const char *fill, const char *what, const char *reason) {
    left_out_add(not_compared, fill, json_string(what), json_string(reason), false);
}

static bool same_key(const char *a, const char *b) {
    return (a == NULL && b == NULL) || text_equal(a, b);
}

static bool do_tile(const struct fill_slices *list, const struct ledger_fill *fill) {
    const char *end = fill->from_key;
    for (size_t i = 0; i < list->count; i++) {
        if (!same_key(list->slices[i].lo, end))
            return false;
        end = list->slices[i].hi;
    }
    return same_key(end, fill->frontier) || (list->count == 0 && fill->frontier == NULL);
}

int fill_slices_add(const struct ledger *ledger, struct db *db, int64_t run, const char *fill, int64_t number, const char *lo,
                    struct arena *arena, struct fill_slices *list, struct err *err) {
    struct ledger_slice *slice = &list->slices[list->count++];
    *slice = (struct ledger_slice){.range_no = number, .lo = lo, .state = "filled"};
    return ledger_verdict_get(ledger, db, run, fill, number, arena, slice, err);
}

int fill_slices_list(const struct ledger *ledger, struct db *db, int64_t run, const char *fill, struct arena *arena,
                     struct fill_slices *list, json_t *not_compared, struct err *err) {
    struct ledger_fill in_ledger;
    int rc = ledger_fill_get(ledger, db, run, fill, arena, &in_ledger, err);
    if (rc == 0)
        rc = ledger_slices(ledger, db, run, fill, arena, &list->slices, &list->count, err);
    if (rc)
        return rc;
    list->tile = do_tile(list, &in_ledger);
    if (in_ledger.from_key)
        add_left_out(not_compared, fill, below, "the run left them out");
    if (text_equal(in_ledger.state, "filled") && in_ledger.until_key == NULL) {
        const char *end = in_ledger.frontier ? in_ledger.frontier : in_ledger.from_key;
        return fill_slices_add(ledger, db, run, fill, LEDGER_REST, end, arena, list, err);
    }
    add_left_out(not_compared, fill, above, "they are not filled yet; infill run goes on");
    return 0;
}
