/* fake_infill.h - what the files of the fake API share. */
#ifndef TEST_FAKE_INFILL_H
#define TEST_FAKE_INFILL_H

#include <infill.h>

/* Whether FAKE is the word. */
bool fake(const char *word);
/* Fills in the error; returns its code. */
int fake_fail(struct infill_error *error, int code, const char *message, const char *where, const char *next);
/* Hands a copy of the text out. */
int fake_give(char **json, const char *text);

#endif
