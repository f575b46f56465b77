/* key_typed.c - see key_typed.h. */
#include "sql/key_typed.h"

#include <string.h>

#include "sql/key.h"

/* A text where the key is a number would be read as 0 by one engine and be above every key for another. With storage classes, digits are
 * made a number. */
static int number_keys(const struct fill_map *map, bool tagged, struct arena *arena, struct buf *key, struct err *err) {
    struct sql_value values[KEY_COLUMNS_MAX];
    int rc = key_decode(key->data, map->key_count, tagged, arena, values, err);
    for (size_t i = 0; rc == 0 && i < map->key_count; i++) {
        if (map->key[i]->class != SQL_INTEGER || values[i].kind == VALUE_INTEGER)
            continue;
        const char *digits = values[i].ptr + (values[i].ptr[0] == '-');
        if (digits[0] == '\0' || digits[strspn(digits, "0123456789")] != '\0')
            rc = err_set(err, ERR_USAGE, "key column %s is a number (%s)", map->key[i]->name, map->key[i]->type);
        else if (tagged)
            values[i].kind = VALUE_INTEGER;
    }
    buf_clear(key);
    return rc ? rc : key_encode(values, map->key_count, tagged, key, err);
}

int key_typed(const struct fill_map *map, const char *text, bool tagged, struct arena *arena, const char **key, struct err *err) {
    struct buf encoded;
    buf_init(&encoded);
    int rc = key_parse(text, map->key_count, tagged, &encoded, err);
    if (rc == 0)
        rc = number_keys(map, tagged, arena, &encoded, err);
    if (rc == 0 && (*key = arena_strdup(arena, encoded.data)) == NULL)
        rc = err_nomem(err);
    buf_release(&encoded);
    return rc;
}
