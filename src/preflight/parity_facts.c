/* parity_facts.c - what the plan declares of the two environments. */
#include "base/text.h"
#include "preflight/parity.h"

static const char *find(const struct plan *plan, const char *name) {
    for (size_t i = 0; i < plan->fact_count; i++)
        if (text_equal(plan->facts[i].name, name))
            return plan->facts[i].value;
    return NULL;
}

static void compare_fact(struct parity *parity, const char *name) {
    const char *values[] = {find(parity->sides[0].plan, name), find(parity->sides[1].plan, name)};
    double numbers[2];
    bool are_numbers = values[0] && values[1] && text_to_double(values[0], &numbers[0]) && text_to_double(values[1], &numbers[1]);
    if (values[0] == NULL || values[1] == NULL)
        parity_say(parity, PARITY_INFO, name, values[0], values[1], NULL, "declared for %s only",
                   parity->sides[values[0] ? 0 : 1].name);
    else if (text_equal(values[0], values[1]) || (are_numbers && numbers[0] == numbers[1]))
        parity_say(parity, PARITY_PASS, name, values[0], values[1], NULL, "%s", "");
    else if (are_numbers && numbers[0] > 0 && numbers[1] > 0)
        parity_say(parity, PARITY_WARN, name, values[0], values[1], NULL, "%s has %s times as much",
                   parity->sides[numbers[1] > numbers[0]].name,
                   parity_factor(parity, numbers[1] > numbers[0] ? numbers[1] / numbers[0] : numbers[0] / numbers[1]));
    else
        parity_say(parity, PARITY_WARN, name, values[0], values[1], NULL, "declared to differ");
}

static int compare(struct parity *parity, struct err *err) {
    const struct plan *a = parity->sides[0].plan, *b = parity->sides[1].plan;
    (void)err;
    for (size_t i = 0; i < a->fact_count; i++)
        compare_fact(parity, a->facts[i].name);
    for (size_t i = 0; i < b->fact_count; i++)
        if (find(a, b->facts[i].name) == NULL)
            compare_fact(parity, b->facts[i].name);
    return 0;
}

const struct parity_item facts_parity = {"facts", compare};
