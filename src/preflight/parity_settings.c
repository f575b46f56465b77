/* parity_settings.c - the settings of both servers that a fill feels. */
#include "base/text.h"
#include "preflight/parity.h"

static const struct db_setting *find(const struct db_settings *settings, const char *name) {
    for (size_t i = 0; i < settings->count; i++)
        if (text_equal(settings->list[i].name, name))
            return &settings->list[i];
    return NULL;
}

static void compare_setting(struct parity *parity, const struct db_setting *a, const struct db_setting *b) {
    static const enum parity_verdict verdicts[] = {
        [DB_EFFECT_NONE] = PARITY_INFO, [DB_EFFECT_SPEED] = PARITY_WARN, [DB_EFFECT_RESULT] = PARITY_FAIL};
    const struct db_setting *either = a ? a : b;
    /* A release that does not know it is said already: the version differs. */
    enum parity_verdict verdict = a && b ? verdicts[either->effect] : PARITY_INFO;
    parity_texts(parity, verdict, either->name, a ? a->value : NULL, b ? b->value : NULL, either->means);
}

static int compare(struct parity *parity, struct err *err) {
    const struct db_settings *a = &parity->sides[0].survey.settings, *b = &parity->sides[1].survey.settings;
    (void)err;
    if (!parity->same_engine) {
        parity_say(parity, PARITY_NONE, "settings", NULL, NULL, NULL, "settings of two engines do not mean the same");
        return 0;
    }
    for (size_t i = 0; i < a->count; i++)
        compare_setting(parity, &a->list[i], find(b, a->list[i].name));
    for (size_t i = 0; i < b->count; i++)
        if (find(a, b->list[i].name) == NULL)
            compare_setting(parity, NULL, &b->list[i]);
    return 0;
}

const struct parity_item settings_parity = {"settings", compare};
