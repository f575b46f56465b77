/* completion.c - see completion.h. Each script is static text: completing never starts infill and never asks a database. */
#include "cli/completion.h"

#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/help.h"

/* Inside single quotes of a shell, and free of what zsh's _arguments gives a meaning to: brackets and colons. */
static void quote(FILE *out, const char *text, const char *apostrophe, bool zsh) {
    for (; *text != '\0'; text++) {
        if (*text == '\'')
            fputs(apostrophe, out);
        else if (zsh && strchr("[]:", *text) != NULL)
            fprintf(out, "\\%c", *text);
        else
            fputc(*text, out);
    }
}

static void bash_words(FILE *out, const struct command *command) {
    const struct option_spec *specs[OPTIONS_MAX];
    size_t count = args_specs(command, specs);
    for (size_t i = 0; i < count; i++)
        fprintf(out, "%s--%s", i > 0 ? " " : "", specs[i]->name);
}

/* Options of any command that take a value, as alternatives of a case. */
static void bash_values(FILE *out, bool files) {
    bool any = false;
    for (size_t c = 0; c < command_count; c++) {
        const struct option_spec *specs[OPTIONS_MAX];
        size_t count = args_specs(commands[c], specs);
        for (size_t i = 0; i < count; i++) {
            if (specs[i]->kind == OPTION_FLAG || specs[i]->is_file != files)
                continue;
            fprintf(out, "%s--%s", any ? "|" : "", specs[i]->name);
            any = true;
        }
    }
}

static void command_names(FILE *out) {
    bool any = false;
    for (size_t c = 0; c < command_count; c++) {
        if (commands[c]->is_hidden)
            continue;
        fprintf(out, "%s%s", any ? " " : "", commands[c]->name);
        any = true;
    }
}

void completion_bash(FILE *out) {
    fputs("# bash completion for infill: source <(infill completion bash)\n"
          "_infill() {\n"
          "    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} command= i words=\n"
          "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
          "        case ${COMP_WORDS[i]} in\n"
          "        -*) ;;\n"
          "        *) command=${COMP_WORDS[i]}; break ;;\n"
          "        esac\n"
          "    done\n"
          "    case $before in\n    ",
          out);
    bash_values(out, true);
    fputs(") COMPREPLY=($(compgen -f -- \"$word\")); return ;;\n    ", out);
    bash_values(out, false);
    fputs(") return ;;\n    esac\n    case $command in\n", out);
    for (size_t c = 0; c < command_count; c++) {
        if (commands[c]->is_hidden)
            continue;
        fprintf(out, "    %s) words=\"", commands[c]->name);
        bash_words(out, commands[c]);
        fputs("\" ;;\n", out);
    }
    fputs("    *) words=\"", out);
    command_names(out);
    fputs("\" ;;\n    esac\n"
          "    if [[ $command == completion && $word != -* ]]; then words=\"bash zsh fish\"; fi\n"
          "    if [[ -n $command && $command != completion && $word != -* ]]; then COMPREPLY=($(compgen -f -- \"$word\")); return; "
          "fi\n"
          "    COMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n"
          "}\n"
          "complete -o filenames -F _infill infill\n",
          out);
}

static void zsh_option(FILE *out, const struct option_spec *spec) {
    fprintf(out, " \\\n            '%s--%s%s[", spec->kind == OPTION_LIST ? "*" : "", spec->name,
            spec->kind == OPTION_FLAG ? "" : "=");
    quote(out, spec->help, "'\\''", true);
    fputc(']', out);
    if (spec->kind != OPTION_FLAG)
        fprintf(out, ":%s:%s", spec->value, spec->is_file ? "_files" : "");
    fputc('\'', out);
}

void completion_zsh(FILE *out) {
    fputs("#compdef infill\n# zsh completion for infill: infill completion zsh > \"${fpath[1]}/_infill\"\n"
          "_infill() {\n    local -a commands\n    commands=(\n",
          out);
    for (size_t c = 0; c < command_count; c++) {
        if (commands[c]->is_hidden)
            continue;
        fprintf(out, "        '%s:", commands[c]->name);
        quote(out, commands[c]->summary, "'\\''", true);
        fputs("'\n", out);
    }
    fputs("    )\n    if (( CURRENT == 2 )); then\n        _describe command commands\n        return\n    fi\n    case $words[2] "
          "in\n",
          out);
    for (size_t c = 0; c < command_count; c++) {
        const struct option_spec *specs[OPTIONS_MAX];
        size_t count = args_specs(commands[c], specs);
        if (commands[c]->is_hidden)
            continue;
        fprintf(out, "        %s) shift words; (( CURRENT-- )); _arguments", commands[c]->name);
        for (size_t i = 0; i < count; i++)
            zsh_option(out, specs[i]);
        fprintf(out, " \\\n            '%s' ;;\n",
                strcmp(commands[c]->name, "completion") == 0 ? "1:shell:(bash zsh fish)" : "*:file:_files");
    }
    fputs("    esac\n}\nif [[ $funcstack[1] == _infill ]]; then _infill \"$@\"; else compdef _infill infill; fi\n", out);
}

static void fish_option(FILE *out, const struct command *command, const struct option_spec *spec) {
    fprintf(out, "complete -c infill -n '__fish_seen_subcommand_from %s' -l %s", command->name, spec->name);
    if (spec->letter != 0)
        fprintf(out, " -s %c", spec->letter);
    if (spec->kind != OPTION_FLAG)
        fputs(spec->is_file ? " -r -F" : " -x", out);
    fputs(" -d '", out);
    quote(out, spec->help, "\\'", false);
    fputs("'\n", out);
}

void completion_fish(FILE *out) {
    fputs("# fish completion for infill: infill completion fish > ~/.config/fish/completions/infill.fish\n", out);
    for (size_t c = 0; c < command_count; c++) {
        const struct option_spec *specs[OPTIONS_MAX];
        size_t count = args_specs(commands[c], specs);
        if (commands[c]->is_hidden)
            continue;
        fprintf(out, "complete -c infill -f -n '__fish_use_subcommand' -a %s -d '", commands[c]->name);
        quote(out, commands[c]->summary, "\\'", false);
        fputs("'\n", out);
        for (size_t i = 0; i < count; i++)
            fish_option(out, commands[c], specs[i]);
    }
    fputs("complete -c infill -f -n '__fish_seen_subcommand_from completion' -a 'bash zsh fish'\n", out);
}
