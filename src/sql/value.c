/* value.c - see value.h. */
#include "sql/value.h"

#include <string.h>

struct sql_value value_text(const char *text) {
    if (text == NULL)
        return VALUE_NULL_VALUE;
    return (struct sql_value){text, strlen(text), VALUE_TEXT};
}
