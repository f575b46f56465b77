/* plan_signals.c - the signals of a plan: each name's keys gathered from the weakest block to the strongest, then read by the unit of its
 * kind. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "plan/plan_load.h"
#include "plan/plan_value.h"
#include "plan/units.h"

enum { SIGNALS_MAX = 28, OWN_SIGNALS = 4 }; /* those of settings and by default: in all as many as src/pace has room for */

static const struct signal_kind {
    const char *name;
    enum plan_unit unit;
    const char *needs, *takes;
    double slow, stop;
    int64_t every_us;
} kinds[] = {
#define SIGNAL_KIND(name, unit, needs, takes, slow, stop, every_ms)                                                                \
    {#name, PLAN_UNIT_##unit, needs, takes, slow, stop, every_ms * INT64_C(1000)},
#include "signal_kinds.h"
#undef SIGNAL_KIND
};

/* Keys that belong to one kind or another; the rest belong to all. */
static const char *const own_keys[] = {"query", "command", "path", "only", "percentile", "over", "http", "prometheus"};
enum { OWN_KEYS = sizeof own_keys / sizeof own_keys[0] };

enum field { KIND, SLOW, STOP, QUERY, COMMAND, PATH, ONLY, PERCENTILE, OVER, HTTP, PROMETHEUS, EVERY, TIMEOUT, FIELDS };
static const char *const field_keys[FIELDS] = {"kind",       "slow", "stop", "query",      "command", "path",   "only",
                                               "percentile", "over", "http", "prometheus", "every",   "timeout"};

/* One name, and the strongest node of each of its keys. */
struct draft {
    struct node *place;
    struct node *fields[FIELDS];
};

struct drafts {
    struct draft list[SIGNALS_MAX];
    size_t count;
};

static const struct signal_kind *kind_named(const char *name) {
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (text_equal(kinds[i].name, name))
            return &kinds[i];
    return NULL;
}

static struct draft *draft_for(struct loader *loader, struct drafts *drafts, struct node *node) {
    for (size_t i = 0; i < drafts->count; i++)
        if (text_equal(drafts->list[i].place->key->text, node->key->text))
            return &drafts->list[i];
    if (drafts->count == SIGNALS_MAX) {
        loader_bad(loader, node, "a plan has at most %d signals", SIGNALS_MAX);
        return NULL;
    }
    drafts->list[drafts->count] = (struct draft){.place = node};
    return &drafts->list[drafts->count++];
}

/* `sql` or `off` in place of a map says its kind; switching off forgets what weaker blocks said. */
static void add_node(struct draft *draft, struct node *node) {
    if (node->kind == NODE_SCALAR) {
        if (text_equal(node->text, "off"))
            memset(draft->fields, 0, sizeof draft->fields);
        draft->fields[KIND] = node;
        return;
    }
    for (size_t i = 0; i < FIELDS; i++) {
        struct node *field = node_get_good(node, field_keys[i]);
        if (field != NULL)
            draft->fields[i] = field;
    }
    if (draft->fields[KIND] != NULL && draft->fields[KIND]->kind == NODE_SCALAR && text_equal(draft->fields[KIND]->text, "off") &&
        node_get_good(node, "kind") == NULL)
        draft->fields[KIND] = NULL; /* keys given again switch it on again */
}

static void add_block(struct loader *loader, struct drafts *drafts, const struct node *block) {
    const struct node *map = node_find(block, "pace.signals");
    for (struct node *node = map != NULL ? map->first : NULL; node != NULL; node = node->next) {
        struct draft *draft = node->bad ? NULL : draft_for(loader, drafts, node);
        if (draft != NULL) {
            draft->place = node;
            add_node(draft, node);
        }
    }
}

static bool read_line(enum plan_unit unit, const char *text, double *line) {
    int64_t us;
    switch (unit) {
    case PLAN_UNIT_seconds:
        *line = units_duration(text, &us) ? (double)us / 1e6 : -1;
        return *line >= 0;
    case PLAN_UNIT_fraction:
        return units_fraction(text, line);
    case PLAN_UNIT_number:
        return strspn(text, "0123456789.eE-") == strlen(text) && text_to_double(text, line) && *line >= 0;
    default:
        return false;
    }
}

static void take_line(struct loader *loader, const struct signal_kind *kind, struct node *node, double *line) {
    static const char *const expected[] = {"a number such as 100", "a duration such as 2s or 250ms", "a percentage such as 70%",
                                           ""};
    if (node == NULL)
        return;
    if (kind->unit == PLAN_UNIT_gate)
        loader_bad(loader, node, "a signal of kind %s is open or shut: it has no '%s'", kind->name, node->key->text);
    else if (!read_line(kind->unit, node->text, line))
        loader_bad(loader, node, "'%s' of a signal of kind %s must be %s, not %s", node->key->text, kind->name,
                   expected[kind->unit], report_quote(&loader->report, node->text));
}

static const char *text_of(const struct node *node) {
    return node != NULL ? node->text : NULL;
}

/* Words stand between blanks; of a|b, which stand between bars, one is meant. */
static bool word_in(const char *words, const char *word) {
    size_t len = strlen(word);
    for (const char *at = strstr(words, word); at != NULL; at = strstr(at + 1, word))
        if ((at == words || strchr(" |", at[-1]) != NULL) && strchr(" |", at[len]) != NULL)
            return true;
    return false;
}

/* How many of the words of one group are there, and the last of them. */
static unsigned count_given(const struct draft *draft, const char *group, struct node **last) {
    unsigned given = 0;
    char one[64];
    snprintf(one, sizeof one, "%.*s", (int)strcspn(group, " "), group);
    for (size_t i = 0; i < OWN_KEYS; i++) {
        struct node *node = word_in(one, own_keys[i]) ? draft->fields[QUERY + i] : NULL;
        bool is_there = node != NULL || (word_in(one, own_keys[i]) && node_get(draft->place, own_keys[i]) != NULL);
        given += is_there;
        *last = node != NULL ? node : *last;
    }
    return given;
}

static const char *spelled(struct loader *loader, const char *group, const char *joint) {
    size_t len = strcspn(group, " "), first = strcspn(group, " |");
    const char *text = first == len ? arena_printf(loader->arena, "'%.*s'", (int)len, group)
                                    : arena_printf(loader->arena, "'%.*s' %s '%.*s'", (int)first, group, joint,
                                                   (int)(len - first - 1), group + first + 1);
    loader->report.nomem |= text == NULL;
    return text != NULL ? text : "";
}

static void check_groups(struct loader *loader, const struct signal_kind *kind, struct draft *draft, const char *groups,
                         bool needed) {
    for (const char *at = groups; *at != '\0'; at += strcspn(at, " "), at += *at == ' ') {
        struct node *last = draft->place;
        unsigned given = count_given(draft, at, &last);
        if (needed && given == 0)
            loader_bad(loader, draft->place, "the signal %s of kind %s needs %s",
                       report_quote(&loader->report, draft->place->key->text), kind->name, spelled(loader, at, "or"));
        else if (given > 1)
            loader_bad(loader, last, "a signal of kind %s has either %s", kind->name, spelled(loader, at, "or"));
    }
}

/* What the kind needs is there, and nothing that it has no use for. */
static void check_keys(struct loader *loader, const struct signal_kind *kind, struct draft *draft) {
    check_groups(loader, kind, draft, kind->needs, true);
    check_groups(loader, kind, draft, kind->takes, false);
    for (size_t i = 0; i < OWN_KEYS; i++) {
        struct node *node = draft->fields[QUERY + i];
        if (node != NULL && !word_in(kind->needs, own_keys[i]) && !word_in(kind->takes, own_keys[i]))
            loader_bad(loader, node, "a signal of kind %s has no '%s'", kind->name, own_keys[i]);
    }
}

/* The URL of http: or prometheus:, and what belongs to it. */
static void take_web(struct loader *loader, const struct signal_kind *kind, struct draft *draft, struct plan_signal *signal) {
    struct node *web = draft->fields[HTTP] != NULL ? draft->fields[HTTP] : draft->fields[PROMETHEUS];
    if (web == NULL)
        return;
    bool is_map = web->kind == NODE_MAP;
    struct node *url = is_map ? node_get_good(web, "url") : web, *pointer = is_map ? node_get_good(web, "pointer") : NULL,
                *query = is_map ? node_get_good(web, "query") : NULL;
    if (url != NULL && !url->bad)
        signal->url = loader_url(loader, url->text, URL_WEB, url, NULL);
    if (pointer != NULL && !word_in(kind->takes, "pointer"))
        loader_bad(loader, pointer, "a signal of kind %s has no 'pointer'", kind->name);
    else if (pointer != NULL && pointer->text[0] != '/')
        loader_bad(loader, pointer, "'pointer' must begin with '/', as in /load/0");
    signal->pointer = text_of(pointer);
    signal->promql = text_of(query);
}

static const char *const *command_of(struct loader *loader, const struct node *list) {
    if (list == NULL)
        return NULL;
    const char **words = loader_alloc(loader, list->count + 1, sizeof *words);
    size_t count = 0;
    for (const struct node *node = list->first; words != NULL && node != NULL; node = node->next)
        words[count++] = node->text;
    return words;
}

static int64_t duration_of(const struct node *node, const char *path) {
    struct value value = {0};
    const struct schema_row *row = schema_by_path(path);
    value_read(row, node != NULL ? node->text : row->standard, false, &value);
    return value.number;
}

static double percentile_of(const struct node *node) {
    double fraction = 0.95;
    return node != NULL && units_fraction(node->text, &fraction) ? fraction : 0.95;
}

static void check_lines(struct loader *loader, const struct signal_kind *kind, struct draft *draft,
                        const struct plan_signal *signal) {
    const char *name = report_quote(&loader->report, signal->name);
    if (kind->unit != PLAN_UNIT_gate && signal->slow < 0 && signal->stop < 0 && !word_in(kind->takes, "no_line"))
        loader_bad(loader, draft->place, "the signal %s needs a line: slow, stop or both", name);
    if (signal->slow >= 0 && signal->stop >= 0 && signal->stop <= signal->slow)
        loader_bad(loader, draft->fields[STOP] != NULL ? draft->fields[STOP] : draft->place,
                   "the stop line of the signal %s must be above its slow line", name);
}

static void take_signal(struct loader *loader, const struct signal_kind *kind, struct draft *draft) {
    bool lines_given = draft->fields[SLOW] != NULL || draft->fields[STOP] != NULL;
    struct plan_signal signal = {
        .name = draft->place->key->text,
        .kind = kind->name,
        .unit = kind->unit,
        .slow = lines_given ? -1 : kind->slow,
        .stop = lines_given ? -1 : kind->stop,
        .query = text_of(draft->fields[QUERY]),
        .command = command_of(loader, draft->fields[COMMAND]),
        .path = text_of(draft->fields[PATH]),
        .only = text_of(draft->fields[ONLY]),
        .percentile = percentile_of(draft->fields[PERCENTILE]),
        .over_us = duration_of(draft->fields[OVER], "pace.signals.*.over"),
        .every_us = draft->fields[EVERY] ? duration_of(draft->fields[EVERY], "pace.signals.*.every") : kind->every_us,
        .timeout_us = duration_of(draft->fields[TIMEOUT], "pace.signals.*.timeout"),
        .where = loader_where(loader, draft->place->key),
        .line = draft->place->line,
    };
    check_keys(loader, kind, draft);
    take_web(loader, kind, draft, &signal);
    take_line(loader, kind, draft->fields[SLOW], &signal.slow);
    take_line(loader, kind, draft->fields[STOP], &signal.stop);
    if (!draft->place->bad && (draft->fields[SLOW] == NULL || !draft->fields[SLOW]->bad))
        check_lines(loader, kind, draft, &signal);
    loader->plan->signals[loader->plan->signal_count++] = signal;
}

static void take_draft(struct loader *loader, struct draft *draft) {
    const char *name = draft->place->key->text;
    const char *kind_name = draft->fields[KIND] != NULL ? draft->fields[KIND]->text : name;
    const struct signal_kind *kind = kind_named(kind_name);
    if (text_equal(kind_name, "off"))
        return;
    if (kind == NULL) {
        const char *names[sizeof kinds / sizeof kinds[0]];
        for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
            names[i] = kinds[i].name;
        loader_bad(loader, draft->place, "no signal is called %s: give it a 'kind'%s", report_quote(&loader->report, name),
                   loader_hint(loader, name, names, sizeof kinds / sizeof kinds[0]));
    } else {
        take_signal(loader, kind, draft);
    }
}

/* The settings that are signals too. */
static void take_settings(struct loader *loader) {
    const struct plan_settings *set = &loader->plan->set;
    const struct plan_signal own[] = {
        {.name = "pause_file", .kind = "file", .unit = PLAN_UNIT_gate, .slow = -1, .stop = -1, .path = set->pace_pause_file},
        {.name = "only", .kind = "window", .unit = PLAN_UNIT_gate, .slow = -1, .stop = -1, .only = set->pace_only},
    };
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++) {
        if (own[i].path == NULL && own[i].only == NULL)
            continue;
        struct plan_signal *signal = &loader->plan->signals[loader->plan->signal_count++];
        *signal = own[i];
        signal->every_us = kind_named(signal->kind)->every_us;
        signal->timeout_us = duration_of(NULL, "pace.signals.*.timeout");
    }
}

static bool is_said(const struct drafts *drafts, const char *name) {
    for (size_t i = 0; i < drafts->count; i++)
        if (text_equal(drafts->list[i].place->key->text, name) ||
            (drafts->list[i].fields[KIND] != NULL && text_equal(drafts->list[i].fields[KIND]->text, name)))
            return true;
    return false;
}

static void take_default(struct loader *loader, const struct drafts *drafts, const char *name, bool optional) {
    const struct signal_kind *kind = kind_named(name);
    if (is_said(drafts, name))
        return;
    loader->plan->signals[loader->plan->signal_count++] =
        (struct plan_signal){.name = name,
                             .kind = name,
                             .unit = kind->unit,
                             .slow = kind->slow,
                             .stop = kind->stop,
                             .every_us = kind->every_us,
                             .timeout_us = duration_of(NULL, "pace.signals.*.timeout"),
                             .optional = optional};
}

/* Replicas that are named are watched, and so is who waits for our locks where there is a connection for it, unless a block said otherwise. */
static void take_defaults(struct loader *loader, const struct drafts *drafts) {
    const struct plan_settings *set = &loader->plan->set;
    if (text_equal(loader->builtin, "dev"))
        return;
    if (loader->plan->replica_count > 0)
        take_default(loader, drafts, "replica_lag", false);
    if (set->connections_max >= set->workers + 2)
        take_default(loader, drafts, "locks", true);
}

/* Signals are measured over a connection of their own. */
static void check_connections(struct loader *loader) {
    const struct plan_settings *set = &loader->plan->set;
    const struct plan_signal *signal = loader->plan->signals;
    if (loader->plan->signal_count == 0 || set->connections_max >= set->workers + 2 || set->connections_max <= set->workers)
        return;
    if (signal->line > 0)
        report_at(&loader->report, signal->line, 1,
                  "signals are measured over a connection of their own: connections_max must be at least two more than workers");
    else
        report_outside(
            &loader->report, loader->plan->path,
            "signals are measured over a connection of their own: connections_max must be at least two more than workers");
}

void plan_signals_resolve(struct loader *loader) {
    struct drafts drafts = {.count = 0};
    loader->plan->signals = loader_alloc(loader, SIGNALS_MAX + OWN_SIGNALS, sizeof *loader->plan->signals);
    if (loader->plan->signals == NULL)
        return;
    for (size_t i = 0; i < loader->profile_count; i++)
        add_block(loader, &drafts, loader->profiles[i]);
    add_block(loader, &drafts, loader->root);
    if (loader->environment != NULL && loader->environment != loader->root)
        add_block(loader, &drafts, loader->environment);
    take_settings(loader);
    for (size_t i = 0; i < drafts.count; i++)
        take_draft(loader, &drafts.list[i]);
    take_defaults(loader, &drafts);
    check_connections(loader);
}
