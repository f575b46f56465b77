/* engines.c - the lanes of the engines that are built in. */
#include "contract.h"

#include <string.h>

#define ENGINE(name) extern const struct contract_engine *const contract_##name##_lanes[];
CONTRACT_ENGINES /* by meson.build: one ENGINE(name) per engine */
#undef ENGINE

#define ENGINE(name) contract_##name##_lanes,
    static const struct contract_engine *const *const engines[] = {CONTRACT_ENGINES NULL};

const struct contract_engine *contract_engine_named(const char *name) {
    for (size_t i = 0; engines[i] != NULL; i++)
        for (const struct contract_engine *const *lane = engines[i]; *lane != NULL; lane++)
            if (strcmp((*lane)->name, name) == 0)
                return *lane;
    return NULL;
}
