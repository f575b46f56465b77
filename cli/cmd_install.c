/* cmd_install.c - infill install: makes the ledger, or prints what makes it and who needs which rights. */
#include <infill.h>

#include "cli/command.h"
#include "cli/doc.h"
#include "cli/plan_open.h"
#include "cli/term.h"

static const struct option_spec options[] = {
    {.name = "print-sql", .help = "print the DDL and the grants of installer, worker and observer; nothing is done"},
    {0},
};

static const char *const examples[] = {
    "infill install users.yaml",
    "infill install users.yaml --print-sql > ledger.sql",
    NULL,
};

static const int exit_codes[] = {0, 1, 2, 5, 8, -1};

/* SQL that goes to a file must stay as it is; only on a terminal is it escaped. */
static void print_statements(FILE *file, const struct out *out, const json_t *statements) {
    size_t index;
    json_t *statement;
    json_array_foreach (statements, index, statement) {
        const char *text = json_is_string(statement) ? json_string_value(statement) : "";
        if (out->columns > 0)
            term_escape_lines(file, text, "");
        else
            fputs(text, file);
        fputs(";\n", file);
    }
}

static void show_sql(FILE *file, const struct out *out, const json_t *document) {
    const json_t *grants = doc_object(document, "grants");
    fputs("-- The ledger, made once by the installer.\n", file);
    print_statements(file, out, doc_list(document, "statements"));
    fputs("\n-- Installer: infill install, uninstall.\n", file);
    print_statements(file, out, doc_list(grants, "installer"));
    fputs("\n-- Worker: infill run, pause, resume, stop, rejects.\n", file);
    print_statements(file, out, doc_list(grants, "worker"));
    fputs("\n-- Observer: infill status, plan.\n", file);
    print_statements(file, out, doc_list(grants, "observer"));
}

static void show_installed(FILE *file, const struct out *out, const json_t *document) {
    (void)out;
    fputs(doc_true(document, "installed") ? "the ledger is there already\n" : "the ledger is installed\n", file);
}

static int run(struct cli *cli) {
    bool print_only = args_flag(&cli->args, "print-sql");
    struct infill_plan *plan = NULL;
    struct infill_error error = {0};
    char *json = NULL;
    int code = plan_open(cli, &plan, NULL, 0);
    if (code != 0)
        return code;
    if (infill_install(plan, print_only, &json, &error) != 0)
        code = out_error(&cli->out, &error);
    else
        out_result(&cli->out, json, print_only ? show_sql : show_installed);
    infill_plan_close(plan);
    return code;
}

const struct command install_command = {
    .name = "install",
    .summary = "make the ledger, or print the SQL and the grants for it",
    .positionals = "PLAN",
    .positional_max = 1,
    .takes_plan = true,
    .text = "The ledger is a handful of tables in the target database. infill run makes them by itself where it may; where a DBA "
            "does such "
            "things, --print-sql prints the statements and the exact rights that each role needs.",
    .options = options,
    .examples = examples,
    .exit_codes = exit_codes,
    .run = run,
};
