/* options.c - see options.h. */
#include "cli/options.h"

#include <assert.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/nearest.h"
#include "cli/term.h"
#include "cli/xalloc.h"

/* No number on the command line is larger in earnest: workers. */
static const long NUMBER_MAX = 100000;

/* getopt_long values from here on are indexes of specs; below are letters, '?' and ':'. */
enum { VALUE_BASE = 256 };

const struct option_spec plan_options[] = {
    {.name = "env",
     .value = "NAME",
     .kind = OPTION_TEXT,
     .help = "environment of the plan",
     .variable = "INFILL_ENV",
     .fallback = "the only one"},
    {.name = "profile",
     .value = "NAME",
     .kind = OPTION_TEXT,
     .help = "dev, staging, prod or one of the plan's own",
     .variable = "INFILL_PROFILE",
     .fallback = "prod, or as the environment says"},
    {.name = "set", .value = "KEY=VALUE", .kind = OPTION_LIST, .help = "override a setting: batch.rows=500; may be repeated"},
    {0},
};

const struct option_spec global_options[] = {
    {.name = "json", .help = "print the result as JSON"},
    {.name = "quiet", .letter = 'q', .help = "no progress and no notes; warnings, errors and results only"},
    {.name = "verbose", .letter = 'v', .help = "say what is done, on standard error"},
    {.name = "no-color", .help = "no colour", .variable = "NO_COLOR"},
    {.name = "help", .letter = 'h', .help = "this text"},
    {.name = "version", .help = "the version and the engines built in"},
    {0},
};

static size_t add_specs(const struct option_spec **specs, size_t count, const struct option_spec *table) {
    for (; table != NULL && table->name != NULL; table++) {
        assert(count < OPTIONS_MAX);
        specs[count++] = table;
    }
    return count;
}

size_t args_specs(const struct command *command, const struct option_spec **specs) {
    size_t count = 0;
    if (command != NULL)
        count = add_specs(specs, count, command->options);
    if (command == NULL || command->takes_plan)
        count = add_specs(specs, count, plan_options);
    return add_specs(specs, count, global_options);
}

/* The tables in getopt's own form. */
struct getopt_tables {
    struct option longs[OPTIONS_MAX + 1];
    char shorts[2 * OPTIONS_MAX + 3];
};

/* `order` is "+:" to stop at the first word that is no option, ":" to go on behind it. */
static void make_tables(struct getopt_tables *tables, const struct option_spec **specs, size_t count, const char *order) {
    size_t at = (size_t)snprintf(tables->shorts, sizeof tables->shorts, "%s", order);
    for (size_t i = 0; i < count; i++) {
        bool has_value = specs[i]->kind != OPTION_FLAG;
        tables->longs[i] = (struct option){specs[i]->name, has_value ? required_argument : no_argument, NULL, VALUE_BASE + (int)i};
        if (specs[i]->letter != 0)
            tables->shorts[at++] = specs[i]->letter;
        if (specs[i]->letter != 0 && has_value)
            tables->shorts[at++] = ':';
    }
    tables->longs[count] = (struct option){0};
    tables->shorts[at] = '\0';
}

static void complain(FILE *errors, const struct command *command, const char *word, const char *what, const char *nearest) {
    char *shown = term_escaped(word);
    fprintf(errors, "infill%s%s: %s%s", command != NULL ? " " : "", command != NULL ? command->name : "", what, shown);
    if (nearest != NULL)
        fprintf(errors, "; did you mean --%s?", nearest);
    fprintf(errors, "\n  next: infill%s%s --help\n", command != NULL ? " " : "", command != NULL ? command->name : "");
    free(shown);
}

static int complain_unknown(FILE *errors, const struct command *command, const struct option_spec **specs, size_t count,
                            const char *word) {
    const char *names[OPTIONS_MAX];
    for (size_t i = 0; i < count; i++)
        names[i] = specs[i]->name;
    char *bare = xformat("%.*s", (int)strcspn(word + 2, "="), word + 2);
    char *dashed = xformat("--%s", bare);
    complain(errors, command, dashed, "unknown option ", nearest_word(bare, names, count));
    free(dashed);
    free(bare);
    return 2;
}

/* What getopt_long refused: '?' unknown, ':' its value is missing. */
static int complain_getopt(FILE *errors, const struct command *command, const struct option_spec **specs, size_t count, int result,
                           char **argv) {
    const char *word = argv[optind - 1];
    char letter[3] = {'-', (char)optopt, '\0'};
    bool is_long = strncmp(word, "--", 2) == 0;
    if (result == ':') {
        complain(errors, command, is_long ? word : letter, "a value is missing after ", NULL);
        return 2;
    }
    if (is_long && optopt >= VALUE_BASE) { /* a flag that was given a value */
        complain(errors, command, specs[optopt - VALUE_BASE]->name, "no value belongs to --", NULL);
        return 2;
    }
    if (is_long)
        return complain_unknown(errors, command, specs, count, word);
    complain(errors, command, letter, "unknown option ", NULL);
    return 2;
}

/* getopt_long takes --out for --output. A script that used that would change its meaning with the next option, so it is refused. */
static const char *abbreviation(const struct option_spec *spec, char **argv) {
    const char *word = optarg != NULL && optarg == argv[optind - 1] ? argv[optind - 2] : argv[optind - 1];
    if (strncmp(word, "--", 2) != 0 || strcspn(word + 2, "=") == strlen(spec->name))
        return NULL;
    return word;
}

static size_t spec_of(const struct option_spec **specs, size_t count, int result) {
    if (result >= VALUE_BASE)
        return (size_t)(result - VALUE_BASE);
    size_t i = 0;
    while (i < count && specs[i]->letter != (char)result)
        i++;
    assert(i < count);
    return i;
}

int args_find_command(int argc, char **argv, const char **name, bool *help, bool *version, FILE *errors) {
    const struct option_spec *specs[OPTIONS_MAX];
    struct getopt_tables tables;
    size_t count = args_specs(NULL, specs);
    int result;
    make_tables(&tables, specs, count, "+:");
    optind = 0;
    opterr = 0;
    while ((result = getopt_long(argc, argv, tables.shorts, tables.longs, NULL)) != -1) {
        if (result == '?' || result == ':')
            return complain_getopt(errors, NULL, specs, count, result, argv);
        const struct option_spec *spec = specs[spec_of(specs, count, result)];
        if (result >= VALUE_BASE && abbreviation(spec, argv) != NULL)
            return complain_unknown(errors, NULL, specs, count, abbreviation(spec, argv));
        *help = *help || strcmp(spec->name, "help") == 0;
        *version = *version || strcmp(spec->name, "version") == 0;
    }
    *name = optind < argc ? argv[optind] : NULL;
    return 0;
}

static int keep(struct args *args, size_t index, const char *value, FILE *errors) {
    const struct option_spec *spec = args->specs[index];
    char *end = NULL;
    if (spec->kind == OPTION_NUMBER) {
        long number = strtol(value, &end, 10);
        if (value[0] < '0' || value[0] > '9' || *end != '\0' || number < 1 || number > NUMBER_MAX) {
            char *what = xformat("--%s takes a whole number from 1 to %ld, not ", spec->name, NUMBER_MAX);
            complain(errors, args->command, value, what, NULL);
            free(what);
            return 2;
        }
    }
    size_t given = args->given[index].count++;
    args->given[index].values = xresize(args->given[index].values, given + 1, sizeof *args->given[index].values);
    args->given[index].values[given] = value;
    return 0;
}

/* Of what getopt_long moved to the end, the first word is the command's own name. */
static int take_positionals(struct args *args, int argc, char **argv, FILE *errors) {
    const struct command *command = args->command;
    for (int i = optind + 1; i < argc; i++) {
        if (args->positional_count == command->positional_max) {
            complain(errors, command, argv[i], "one word too many: ", NULL);
            return 2;
        }
        args->positionals = xresize(args->positionals, args->positional_count + 1, sizeof *args->positionals);
        args->positionals[args->positional_count++] = argv[i];
    }
    return 0;
}

int args_parse(struct args *args, const struct command *command, int argc, char **argv, FILE *errors) {
    struct getopt_tables tables;
    int result;
    *args = (struct args){.command = command};
    args->spec_count = args_specs(command, args->specs);
    make_tables(&tables, args->specs, args->spec_count, ":");
    optind = 0;
    opterr = 0;
    while ((result = getopt_long(argc, argv, tables.shorts, tables.longs, NULL)) != -1) {
        if (result == '?' || result == ':')
            return complain_getopt(errors, command, args->specs, args->spec_count, result, argv);
        size_t index = spec_of(args->specs, args->spec_count, result);
        if (result >= VALUE_BASE && abbreviation(args->specs[index], argv) != NULL)
            return complain_unknown(errors, command, args->specs, args->spec_count, abbreviation(args->specs[index], argv));
        if (keep(args, index, optarg != NULL ? optarg : "", errors) != 0)
            return 2;
    }
    return take_positionals(args, argc, argv, errors);
}

void args_release(struct args *args) {
    for (size_t i = 0; i < args->spec_count; i++)
        free(args->given[i].values);
    free(args->positionals);
    *args = (struct args){0};
}

static size_t index_of(const struct args *args, const char *name) {
    size_t i = 0;
    while (i < args->spec_count && strcmp(args->specs[i]->name, name) != 0)
        i++;
    assert(i < args->spec_count);
    return i;
}

bool args_flag(const struct args *args, const char *name) {
    return args->given[index_of(args, name)].count > 0;
}

const char *args_text(const struct args *args, const char *name) {
    size_t i = index_of(args, name);
    return args->given[i].count > 0 ? args->given[i].values[args->given[i].count - 1] : NULL;
}

unsigned args_number(const struct args *args, const char *name) {
    const char *text = args_text(args, name);
    return text != NULL ? (unsigned)strtoul(text, NULL, 10) : 0;
}

size_t args_list(const struct args *args, const char *name, const char *const **values) {
    size_t i = index_of(args, name);
    *values = args->given[i].values;
    return args->given[i].count;
}
