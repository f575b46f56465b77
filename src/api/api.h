/* api.h - what the files of the public API share. Not for other folders. */
#ifndef API_API_H
#define API_API_H

#include <jansson.h>

#include "infill.h"

#include "base/err.h"
#include "db/db.h"
#include "ledger/ledger.h"
#include "plan/plan.h"

struct infill_plan {
    struct plan *plan;
};

/* Copies `err` out and gives its code; 0 stays 0. */
int api_fail(const struct err *err, struct infill_error *error);

/* The document as text for the caller, who frees it; the reference is stolen. `json` may be NULL: nobody asked. */
int api_document(json_t *document, char **json, struct err *err);

/* infill_log as the library's own log. */
struct log api_log(const struct infill_log *log);

/* A connection to the plan's database and the ledger's statements for it: what every command through the ledger needs. */
struct api_session {
    struct log log;
    struct db *db;
    struct ledger *ledger;
    struct arena arena;
    char actor[128];
};
int api_session_open(const struct plan *plan, const struct infill_log *log, bool read_only, struct api_session *session,
                     struct err *err);
void api_session_close(struct api_session *session);

/* The newest run of the plan; ERR_NOT_FOUND, with what to do, when there is none. */
int api_find_run(struct api_session *session, const struct plan *plan, struct ledger_run *run, struct err *err);

/* api_rejects.c: the document of infill_rejects. */
int api_rejects(struct api_session *session, int64_t run, json_t **document, struct err *err);

#endif
