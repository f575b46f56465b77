/* bell.h - wakes the main thread: a pipe that signals and ending workers write one byte into.
 *
 * A handler and a pipe, not blocked signals and sigwait: the library may have threads of its own, made before anything here is set up,
 * and whichever thread a signal hits, the byte arrives in the main one. A signal that was ignored when the process began stays ignored
 * (nohup, background jobs). */
#ifndef CLI_BELL_H
#define CLI_BELL_H

#include <stdbool.h>

enum { BELL_NONE = 0, BELL_CREW = 255 }; /* anything else is a signal's number */

/* Takes over SIGINT, SIGTERM and SIGHUP, and ignores SIGPIPE: losing a reader must not cost a batch. One at a time. False: errno. */
bool bell_open(void);
/* Gives the signals back. */
void bell_close(void);

/* Rings from any thread; the value arrives in bell_wait. */
void bell_ring(unsigned char why);
/* Waits for the bell at most timeout_ms. BELL_NONE when the time is over. */
unsigned bell_wait(int timeout_ms);

#endif
