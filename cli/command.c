/* command.c - the table of commands, made from the list in cli/meson.build. */
#include "cli/command.h"

#include <string.h>

#include "cli/nearest.h"

#define COMMAND(name) extern const struct command name##_command;
#include "command_list.h"
#undef COMMAND

const struct command *const commands[] = {
#define COMMAND(name) &name##_command,
#include "command_list.h"
#undef COMMAND
};
const size_t command_count = sizeof commands / sizeof commands[0];

static const char *const planned[] = {"cutover", "rollback", "finish", "serve", "demo"};

const struct command *command_find(const char *name) {
    for (size_t i = 0; i < command_count; i++)
        if (strcmp(commands[i]->name, name) == 0)
            return commands[i];
    return NULL;
}

const char *command_nearest(const char *word) {
    const char *names[OPTIONS_MAX];
    size_t count = 0;
    for (size_t i = 0; i < command_count && count < OPTIONS_MAX; i++)
        if (!commands[i]->is_hidden)
            names[count++] = commands[i]->name;
    return nearest_word(word, names, count);
}

bool command_is_planned(const char *word) {
    for (size_t i = 0; i < sizeof planned / sizeof planned[0]; i++)
        if (strcmp(planned[i], word) == 0)
            return true;
    return false;
}
