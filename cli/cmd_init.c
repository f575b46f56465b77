/* cmd_init.c - infill init: a first plan from the live schemas. */
#include <infill.h>
#include <stdlib.h>

#include "cli/command.h"
#include "cli/term.h"

static const struct option_spec options[] = {
    {.name = "from", .kind = OPTION_TEXT, .value = "TABLE", .help = "the table whose rows exist already; required"},
    {.name = "into",
     .kind = OPTION_TEXT,
     .value = "TABLE",
     .help = "the table they go into",
     .fallback = "in place: new columns of the same table"},
    {0},
};

static const char *const examples[] = {
    "infill init postgresql://app@db.example.org/shop --from users_legacy --into users_v2 > users.yaml",
    "infill init mysql://app@db.example.org/shop --from orders > orders.yaml",
    "infill init sqlite:shop.db --from users_legacy --into users_v2 > users.yaml",
    NULL,
};

static const int exit_codes[] = {0, 1, 2, 5, -1};

static void print_yaml(const struct out *out, const char *yaml) {
    if (out->columns > 0)
        term_escape_lines(stdout, yaml, "");
    else
        fputs(yaml, stdout);
}

static void print_json(const char *yaml) {
    json_t *document = json_pack("{ss}", "plan", yaml);
    char *text = document != NULL ? json_dumps(document, JSON_COMPACT | JSON_ENSURE_ASCII) : NULL;
    puts(text != NULL ? text : "{}");
    free(text);
    json_decref(document);
}

static int run(struct cli *cli) {
    const char *from = args_text(&cli->args, "from");
    struct infill_error error = {0};
    char *yaml = NULL;
    if (cli->args.positional_count == 0)
        return out_usage(&cli->out, "infill init --help", "the database's URL is missing");
    if (from == NULL)
        return out_usage(&cli->out, "infill init URL --from TABLE --into TABLE",
                         "--from is missing: the table whose rows exist already");
    if (infill_init(cli->args.positionals[0], from, args_text(&cli->args, "into"), &yaml, &error) != 0)
        return out_error(&cli->out, &error);
    if (cli->out.json)
        print_json(yaml);
    else
        print_yaml(&cli->out, yaml);
    infill_free(yaml);
    return 0;
}

const struct command init_command = {
    .name = "init",
    .summary = "write a first plan from the live schemas",
    .positionals = "URL",
    .positional_max = 1,
    .takes_plan = false,
    .text = "Reads both tables and prints a commented plan: columns of the same name are carried, the others are listed for you to "
            "decide. "
            "Without --into the plan fills new columns of the table itself. No password in the URL: ~/.pgpass, ~/.my.cnf and "
            "PGPASSWORD work.",
    .options = options,
    .examples = examples,
    .exit_codes = exit_codes,
    .run = run,
};
