/* banned.h - functions that are never right here become compile errors. Included from the command line of every compilation. */
#ifndef BASE_BANNED_H
#define BASE_BANNED_H

#include <alloca.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* A library's header whose own macros use these words stands in front: -DBANNED_BEHIND=<header.h>. */
#ifdef BANNED_BEHIND
#include BANNED_BEHIND
#endif

/* Macros in some C libraries, which cannot be poisoned as long as they are. */
#undef alloca
#undef sprintf
#pragma GCC poison strcpy strcat strncpy strncat sprintf vsprintf strtok gets atoi atol atoll atof gmtime localtime ctime asctime  \
    alloca system

#endif
