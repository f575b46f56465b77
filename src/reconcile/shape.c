/* shape.c - see shape.h. */
#include "reconcile/shape.h"

bool shape_is_semantic(const struct shape *shape) {
    for (size_t i = 0; i < shape->column_count; i++)
        if (shape->rules[i].level == CANONICAL_SEMANTIC)
            return true;
    return false;
}

static int compare_column(const struct datum *source, const struct datum *target, enum canonical_reading reading,
                          struct buf *scratch, enum column_state *state, struct err *err) {
    static const enum canonical_level levels[] = {CANONICAL_EXACT, CANONICAL_SEMANTIC};
    static const enum column_state states[] = {COLUMN_SAME, COLUMN_ALIKE};
    *state = COLUMN_DIFFERENT;
    for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++) {
        bool equal;
        int code = canonical_equal(source, target, (struct canonical_rule){levels[i], reading}, scratch, &equal, err);
        if (code != 0)
            return code;
        if (equal) {
            *state = states[i];
            return 0;
        }
    }
    return 0;
}

int shape_compare(const struct shape *shape, const struct datum *source, const struct datum *target, struct buf *scratch,
                  enum column_state *states, struct err *err) {
    for (size_t i = 0; i < shape->column_count; i++) {
        int code = compare_column(&source[i], &target[i], shape->rules[i].reading, scratch, &states[i], err);
        if (code != 0)
            return code;
    }
    return 0;
}

bool shape_differs(const struct shape *shape, size_t column, enum column_state state) {
    return state == COLUMN_DIFFERENT || (state == COLUMN_ALIKE && shape->rules[column].level == CANONICAL_EXACT);
}
