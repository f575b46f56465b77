/* mutant.c - see mutant.h. */
#include "base/mutant.h"

#ifdef INFILL_MUTANTS

#include <stdlib.h>

#include "base/text.h"

bool mutant_is(enum mutant mutant) {
    static const char *const words[] = {
#define MUTANT_WORD(name, word) [MUTANT_##name] = word,
        MUTANT_LIST(MUTANT_WORD)
#undef MUTANT_WORD
    };
    return text_equal(getenv("INFILL_MUTANT"), words[mutant]);
}

#else

/* ISO C wants a translation unit to declare something. */
typedef int mutant_is_not_built_in;

#endif
