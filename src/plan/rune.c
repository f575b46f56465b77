/* rune.c - see rune.h. */
#include "plan/rune.h"

struct rune_range {
    uint32_t first;
    uint32_t last;
};

static const struct rune_range WIDE[] = {
    {0x1100, 0x115F}, {0x2E80, 0xA4CF}, {0xAC00, 0xD7A3},   {0xF900, 0xFAFF},   {0xFE30, 0xFE6F},
    {0xFF00, 0xFF60}, {0xFFE0, 0xFFE6}, {0x1F300, 0x1FAFF}, {0x20000, 0x3FFFD},
};

static const struct rune_range COMBINING[] = {
    {0x0300, 0x036F}, {0x1AB0, 0x1AFF}, {0x1DC0, 0x1DFF}, {0x200B, 0x200D}, {0x20D0, 0x20FF}, {0xFE00, 0xFE0F}, {0xFE20, 0xFE2F},
};

/* Controls of C0 and C1, line and paragraph separators, bidirectional overrides and isolates, the byte order mark. */
static const struct rune_range UNPRINTABLE[] = {
    {0x0000, 0x001F}, {0x007F, 0x009F}, {0x200E, 0x200F}, {0x2028, 0x202E}, {0x2066, 0x2069}, {0xFEFF, 0xFEFF},
};

static bool within(const struct rune_range *ranges, size_t count, uint32_t rune) {
    for (size_t i = 0; i < count; i++) {
        if (rune >= ranges[i].first && rune <= ranges[i].last) {
            return true;
        }
    }
    return false;
}

static size_t sequence_length(unsigned char lead) {
    if (lead < 0x80) {
        return 1;
    }
    if (lead >= 0xC2 && lead <= 0xDF) {
        return 2;
    }
    if (lead >= 0xE0 && lead <= 0xEF) {
        return 3;
    }
    return lead >= 0xF0 && lead <= 0xF4 ? 4 : 0;
}

size_t rune_next(const char *text, size_t len, uint32_t *rune) {
    static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};

    size_t bytes = len > 0 ? sequence_length((unsigned char)text[0]) : 0;
    if (bytes == 0 || bytes > len) {
        return 0;
    }
    uint32_t value = bytes == 1 ? (unsigned char)text[0] : (unsigned char)text[0] & (0xFFu >> (bytes + 1));
    for (size_t i = 1; i < bytes; i++) {
        unsigned char next = (unsigned char)text[i];
        if ((next & 0xC0) != 0x80) {
            return 0;
        }
        value = value << 6 | (next & 0x3Fu);
    }
    if (value < smallest[bytes] || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF)) {
        return 0;
    }
    *rune = value;
    return bytes;
}

int rune_width(uint32_t rune) {
    if (within(COMBINING, sizeof(COMBINING) / sizeof(*COMBINING), rune)) {
        return 0;
    }
    return within(WIDE, sizeof(WIDE) / sizeof(*WIDE), rune) ? 2 : 1;
}

bool rune_printable(uint32_t rune) {
    return !within(UNPRINTABLE, sizeof(UNPRINTABLE) / sizeof(*UNPRINTABLE), rune);
}

size_t rune_line_break(const char *text, size_t len) {
    if (len > 0 && text[0] == '\n') {
        return 1;
    }
    if (len > 0 && text[0] == '\r') {
        return len > 1 && text[1] == '\n' ? 2 : 1;
    }
    uint32_t rune = 0;
    size_t bytes = rune_next(text, len, &rune);
    return rune == 0x85 || rune == 0x2028 || rune == 0x2029 ? bytes : 0;
}
