/* owner.h - who holds a lease: (host, boot id and pid namespace, pid, start time of the process, thread), as text.
 *
 * "host/boot-id.namespace/pid/start/thread". A live process on the same host may take over from a dead one at once (L8); for any other
 * owner only the lease's end counts. */
#ifndef LEDGER_OWNER_H
#define LEDGER_OWNER_H

#include <stdbool.h>
#include <stddef.h>

enum { OWNER_MAX = 256 };

/* This process's owner text up to and including the last '/', then `thread`. */
void owner_format(unsigned thread, char out[OWNER_MAX]);
/* The part that all threads of this process share. */
void owner_prefix(char out[OWNER_MAX]);
/* true only when the owner is certainly dead: same host, boot and namespace, and no process with that pid and start time,
 * or a zombie. */
bool owner_is_dead(const char *owner);
/* Host and pid of an owner text; false when it is none. */
bool owner_parse(const char *owner, char *host, size_t host_size, long *pid);
/* "user@host" for the event log. */
void owner_actor(char *out, size_t size);

#endif
