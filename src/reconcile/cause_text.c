/* cause_text.c - patterns of texts. */
#include <inttypes.h>
#include <string.h>

#include "reconcile/cause_pattern.h"

static bool are_texts(const struct cause_view *view) {
    return view->source->kind == DATUM_TEXT && view->target->kind == DATUM_TEXT;
}

static bool is_prefix(const struct datum *of, const struct datum *prefix) {
    return prefix->size < of->size && prefix->size > 0 && memcmp(of->bytes, prefix->bytes, prefix->size) == 0;
}

static size_t characters(const struct datum *text) {
    size_t count = 0;
    for (size_t i = 0; i < text->size; i++)
        count += ((unsigned char)text->bytes[i] & 0xc0) != 0x80;
    return count;
}

bool cause_is_cut_at(const struct cause_view *view, struct cause_detail *detail) {
    if (!cause_is_cut(view, detail))
        return false;
    detail->number = (int64_t)characters(view->target);
    return true;
}

bool cause_is_cut(const struct cause_view *view, struct cause_detail *detail) {
    (void)detail;
    return are_texts(view) && is_prefix(view->source, view->target);
}

static size_t size_without_blanks(const struct datum *text) {
    size_t size = text->size;
    while (size > 0 && text->bytes[size - 1] == ' ')
        size--;
    return size;
}

bool cause_is_blanks(const struct cause_view *view, struct cause_detail *detail) {
    (void)detail;
    if (!are_texts(view))
        return false;
    size_t size = size_without_blanks(view->source);
    return size == size_without_blanks(view->target) && (size == 0 || memcmp(view->source->bytes, view->target->bytes, size) == 0);
}

/* Lower case of ASCII, and of the letters of Latin-1 in UTF-8. */
static unsigned char folded(const struct datum *text, size_t at) {
    unsigned char c = (unsigned char)text->bytes[at];
    bool is_latin = at > 0 && (unsigned char)text->bytes[at - 1] == 0xc3 && c >= 0x80 && c <= 0x9e && c != 0x97;
    return (c >= 'A' && c <= 'Z') || is_latin ? c | 0x20 : c;
}

bool cause_is_case(const struct cause_view *view, struct cause_detail *detail) {
    (void)detail;
    if (!are_texts(view) || view->source->size != view->target->size)
        return false;
    for (size_t i = 0; i < view->source->size; i++)
        if (folded(view->source, i) != folded(view->target, i))
            return false;
    return true;
}

/* What a byte becomes when it is taken for a character of Latin-1, in UTF-8. */
static size_t as_latin1(unsigned char byte, unsigned char utf8[3]) {
    if (byte < 0x80) {
        utf8[0] = byte;
        return 1;
    }
    utf8[0] = (unsigned char)(0xc0 | byte >> 6);
    utf8[1] = (unsigned char)(0x80 | (byte & 0x3f));
    return 2;
}

/* And of Windows-1252, which MariaDB calls latin1: other characters from 80 to 9f. The five it does not have stay as in Latin-1. */
static size_t as_windows(unsigned char byte, unsigned char utf8[3]) {
    static const unsigned short points[] = {
        0x20ac, 0x81,   0x201a, 0x192,  0x201e, 0x2026, 0x2020, 0x2021, 0x2c6, 0x2030, 0x160, 0x2039, 0x152, 0x8d, 0x17d, 0x8f,
        0x90,   0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x2dc, 0x2122, 0x161, 0x203a, 0x153, 0x9d, 0x17e, 0x178,
    };
    if (byte < 0x80 || byte > 0x9f)
        return as_latin1(byte, utf8);
    unsigned point = points[byte - 0x80];
    if (point < 0x800) {
        utf8[0] = (unsigned char)(0xc0 | point >> 6);
        utf8[1] = (unsigned char)(0x80 | (point & 0x3f));
        return 2;
    }
    utf8[0] = (unsigned char)(0xe0 | point >> 12);
    utf8[1] = (unsigned char)(0x80 | (point >> 6 & 0x3f));
    utf8[2] = (unsigned char)(0x80 | (point & 0x3f));
    return 3;
}

static bool is_misread(const struct datum *source, const struct datum *target, size_t (*as)(unsigned char, unsigned char[3])) {
    size_t at = 0;
    for (size_t i = 0; i < source->size; i++) {
        unsigned char utf8[3];
        size_t size = as((unsigned char)source->bytes[i], utf8);
        if (target->size - at < size || memcmp(target->bytes + at, utf8, size) != 0)
            return false;
        at += size;
    }
    return at == target->size && at > source->size;
}

bool cause_is_mojibake(const struct cause_view *view, struct cause_detail *detail) {
    (void)detail;
    return are_texts(view) &&
           (is_misread(view->source, view->target, as_latin1) || is_misread(view->source, view->target, as_windows));
}

/* Each run of bytes beyond ASCII became one or more question marks. */
bool cause_is_question_marks(const struct cause_view *view, struct cause_detail *detail) {
    (void)detail;
    if (!are_texts(view))
        return false;
    const struct datum *source = view->source;
    const struct datum *target = view->target;
    size_t at = 0;
    for (size_t i = 0; i < source->size;) {
        if ((unsigned char)source->bytes[i] < 0x80) {
            if (at == target->size || target->bytes[at++] != source->bytes[i++])
                return false;
            continue;
        }
        while (i < source->size && (unsigned char)source->bytes[i] >= 0x80)
            i++;
        size_t marks = at;
        while (at < target->size && target->bytes[at] == '?')
            at++;
        if (at == marks)
            return false;
    }
    return at == target->size;
}

void cause_say_cut_at(struct buf *out, const struct cause_detail *detail) {
    buf_printf(out, "was cut to %" PRId64 " character%s", detail->number, detail->number == 1 ? "" : "s");
}
