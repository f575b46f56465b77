/* fake_verify.c - verify, repair and report of the fake API.
 *
 * FAKE chooses, beside the words of fake_infill.c (refused, lost, paused, stuck, slow, nothing):
 *   differ       rows differ                     changed   rows changed during the check
 *   unverified   a slice could not be compared   partial   all that was compared matches, one column was not
 *   blind        the self-test misses a damage   left      the repair leaves a finding
 *   touched      the repair cannot prove that the rest of a slice is as it was
 * FAKE_DOCUMENT names a file that is handed out as the document of a report. */
#include "fake_infill.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { SLICES = 3, DOCUMENT_MAX = 16 << 20 };

struct infill_verify {
    atomic_bool draining;
    pthread_mutex_t lock; /* guards the rest */
    pthread_cond_t woken;
    bool cancelled;
    unsigned slices;
};

struct infill_verifier {
    struct infill_verify *verify;
    unsigned steps;
};

int infill_verify_open(const struct infill_plan *plan, const struct infill_verify_options *options, struct infill_verify **verify,
                       struct infill_error *error) {
    char selection[512];
    (void)plan;
    if (fake("refused"))
        return fake_fail(error, INFILL_ERR_REFUSED, "the plan's where changed", "fill users", "start a new plan");
    if (fake("nothing"))
        return fake_fail(error, INFILL_ERR_NOT_FOUND, "no run of users_v2 here", "", "infill run PLAN");
    *verify = calloc(1, sizeof **verify);
    if (*verify == NULL)
        return fake_fail(error, INFILL_ERR_NOMEM, "no memory", "", "");
    pthread_mutex_init(&(*verify)->lock, NULL);
    pthread_cond_init(&(*verify)->woken, NULL);
    snprintf(selection, sizeof selection, "fill %s, ranges %s, keys %s, only %s%s%s", options->fill ? options->fill : "-",
             options->ranges ? options->ranges : "-", options->keys ? options->keys : "-", options->only ? options->only : "-",
             options->sample ? ", sample" : "", options->restart ? ", restart" : "");
    options->log.line(options->log.context, 2, selection);
    return 0;
}

int infill_verifier_open(struct infill_verify *verify, struct infill_verifier **verifier, struct infill_error *error) {
    *verifier = calloc(1, sizeof **verifier);
    if (*verifier == NULL)
        return fake_fail(error, INFILL_ERR_NOMEM, "no memory", "", "");
    (*verifier)->verify = verify;
    return 0;
}

void infill_verifier_close(struct infill_verifier *verifier) {
    free(verifier);
}

static int wait_for_cancel(struct infill_verify *verify, struct infill_error *error) {
    pthread_mutex_lock(&verify->lock);
    while (!verify->cancelled)
        pthread_cond_wait(&verify->woken, &verify->lock);
    pthread_mutex_unlock(&verify->lock);
    return fake_fail(error, INFILL_ERR_CANCELLED, "cancelled", "", "the same command resumes");
}

static bool take_slice(struct infill_verify *verify) {
    pthread_mutex_lock(&verify->lock);
    bool took = fake("slow") || verify->slices < SLICES;
    verify->slices += took;
    pthread_mutex_unlock(&verify->lock);
    return took;
}

int infill_verifier_step(struct infill_verifier *verifier, struct infill_step *step, struct infill_error *error) {
    struct infill_verify *verify = verifier->verify;
    if (fake("stuck")) /* as in fake_infill.c */
        return wait_for_cancel(verify, error);
    if (atomic_load(&verify->draining)) {
        step->state = INFILL_STEP_DRAINED;
        return 0;
    }
    if (fake("lost") && ++verifier->steps == 2)
        return fake_fail(error, INFILL_ERR_LOST, "server closed the connection", "fill users, range 3", "");
    if (fake("paused")) {
        *step = (struct infill_step){.state = INFILL_STEP_WAIT, .wait_ms = 60000, .reason = "paused"};
        return 0;
    }
    step->state = take_slice(verify) ? INFILL_STEP_BATCH : INFILL_STEP_DONE;
    step->rows = 1000;
    if (fake("slow"))
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    return 0;
}

void infill_verify_drain(struct infill_verify *verify) {
    atomic_store(&verify->draining, true);
}

void infill_verify_cancel(struct infill_verify *verify) {
    pthread_mutex_lock(&verify->lock);
    verify->cancelled = true;
    pthread_cond_broadcast(&verify->woken);
    pthread_mutex_unlock(&verify->lock);
}

void infill_verify_progress(struct infill_verify *verify, struct infill_verify_progress *progress) {
    pthread_mutex_lock(&verify->lock);
    *progress = (struct infill_verify_progress){
        .rows_source = verify->slices * 1000,
        .rows_target = verify->slices * 1000,
        .findings = fake("differ") ? 3 : 0,
        .slices = SLICES,
        .slices_done = verify->slices,
        .rows_per_second = 1000,
        .seconds_left = 1,
    };
    pthread_mutex_unlock(&verify->lock);
    snprintf(progress->fill, sizeof progress->fill, "users");
    snprintf(progress->reason, sizeof progress->reason, "%s", fake("paused") ? "paused" : "");
}

static const char differs[] =
    "{\"plan\":\"users_v2\",\"environment\":\"default\",\"run\":1,\"pass\":2,\"complete\":true,\"verdict\":\"differ\","
    "\"rows\":{\"source\":3000,\"target\":2999},\"findings\":3,\"seconds\":1.5,\"rows_per_second\":2000,\"fills\":[{\"fill\":"
    "\"users\",\"source\":\"users_legacy\",\"target\":\"users_v2\",\"verdict\":\"differ\",\"slices\":3,\"rows\":{\"source\":3000,"
    "\"target\":2999},\"digest\":{\"source\":\"aa\",\"target\":\"ab\"},\"missing\":1,\"extra\":0,\"different\":2,\"duplicates\":0,"
    "\"changed\":0,\"weaker\":4,\"checks\":[{\"check\":\"counts\",\"verdict\":\"differ\",\"facts\":[{\"name\":\"rows\",\"source\":"
    "\"3000\",\"target\":\"2999\",\"verdict\":\"differ\"}]},{\"check\":\"digest\",\"verdict\":\"differ\",\"facts\":[]}],\"causes\":"
    "[\"paid_at is 7 h later in both differing rows of range 2\"],\"columns\":[\"id\",\"email\",\"paid_at\"]}],\"slices\":[{"
    "\"fill\":\"users\",\"range\":2,\"lo\":\"[\\\"1000\\\"]\",\"hi\":\"[\\\"2000\\\"]\",\"verdict\":\"differ\",\"reason\":\"\","
    "\"rows\":{\"source\":1000,\"target\":999},\"missing\":1,\"extra\":0,\"different\":2,\"changed\":0}],\"not_compared\":[],"
    "\"first_findings\":[{\"fill\":\"users\",\"key\":\"[\\\"1007\\\"]\",\"range\":2,\"kind\":\"missing\",\"columns\":[],\"at\":"
    "\"2026-01-01T00:00:00Z\"},{\"fill\":\"users\",\"key\":\"[\\\"1400\\\"]\",\"range\":2,\"kind\":\"different\",\"columns\":["
    "\"paid_at\"],\"at\":\"2026-01-01T00:00:00Z\"}],\"sample\":null,\"next\":\"infill repair PLAN --dry-run\"}";

int infill_verify_close(struct infill_verify *verify, char **json, struct infill_error *error) {
    static const char *const format =
        "{\"plan\":\"users_v2\",\"environment\":\"default\",\"run\":1,\"pass\":1,\"complete\":%s,\"verdict\":\"%s\",\"rows\":{"
        "\"source\":%u,\"target\":%u},\"findings\":0,\"seconds\":1.5,\"rows_per_second\":2000,\"fills\":[{\"fill\":\"users\","
        "\"source\":\"users_legacy\",\"target\":\"users_v2\",\"verdict\":\"%s\",\"slices\":3,\"rows\":{\"source\":%u,\"target\":%u}"
        ","
        "\"missing\":0,\"extra\":0,\"different\":0,\"duplicates\":0,\"changed\":0,\"weaker\":0,\"checks\":[],\"causes\":[],"
        "\"columns\":[]}],\"slices\":[],\"not_compared\":[%s],\"first_findings\":[],\"sample\":null,\"next\":\"\"}";
    char text[2048];
    bool complete = verify->slices >= SLICES && !fake("slow");
    const char *verdict = fake("changed") ? "changed" : fake("unverified") || !complete ? "unverified" : "match";
    unsigned rows = verify->slices * 1000;
    (void)error;
    snprintf(text, sizeof text, format, complete ? "true" : "false", verdict, rows, rows, verdict, rows, rows,
             fake("partial") ? "{\"fill\":\"users\",\"what\":\"column geo\",\"reason\":\"its type has no canonical form\"}" : "");
    pthread_cond_destroy(&verify->woken);
    pthread_mutex_destroy(&verify->lock);
    free(verify);
    if (json == NULL)
        return 0;
    return fake_give(json, fake("differ") ? differs : text);
}

int infill_verify_self_test(const struct infill_plan *plan, const struct infill_log *log, char **json, struct infill_error *error) {
    (void)plan;
    (void)error;
    log->line(log->context, 1, "scratch copies made");
    return fake_give(json, fake("blind")
                               ? "{\"verdict\":\"blind\",\"engine\":\"fake\",\"planted\":2,\"seen\":1,\"missed_by_xor_crc\":1,"
                                 "\"kinds\":[{\"damage\":\"NULL against ''\",\"keys\":1,\"named\":1,\"seen\":true,\"by\":["
                                 "\"columns\",\"digest\"],\"seen_by_xor_crc\":true},{\"damage\":\"one ulp\",\"keys\":40,"
                                 "\"named\":3,\"seen\":false,\"by\":[],\"seen_by_xor_crc\":false}]}"
                               : "{\"verdict\":\"ok\",\"engine\":\"fake\",\"planted\":1,\"seen\":1,\"missed_by_xor_crc\":0,"
                                 "\"kinds\":[{\"damage\":\"NULL against ''\",\"keys\":1,\"named\":1,\"seen\":true,\"by\":["
                                 "\"columns\",\"digest\"],\"seen_by_xor_crc\":true}]}");
}

int infill_repair(const struct infill_plan *plan, const struct infill_repair_options *options, char **json,
                  struct infill_error *error) {
    static const char *const format =
        "{\"plan\":\"users_v2\",\"run\":1,\"dry_run\":%s,\"findings\":3,\"repaired\":%d,\"already_right\":0,\"deleted\":%d,"
        "\"left\":"
        "[%s],\"left_count\":%d,\"slices\":[{\"fill\":\"users\",\"range\":2,\"keys\":3,\"verdict\":\"%s\",\"rest_untouched\":%s}],"
        "\"planned\":%s,\"verdict\":\"%s\",\"next\":\"%s\"}";
    char text[1024];
    bool left = fake("left") && !options->delete_extra;
    (void)plan;
    if (fake("nothing"))
        return fake_fail(error, INFILL_ERR_NOT_FOUND, "no run of users_v2 here", "", "infill run PLAN");
    options->log.line(options->log.context, 1, "range 2: 3 keys");
    snprintf(text, sizeof text, format, options->dry_run ? "true" : "false",
             options->dry_run ? 0
             : left           ? 2
                              : 3,
             options->delete_extra,
             left ? "{\"fill\":\"users\",\"key\":\"[\\\"9\\\"]\",\"kind\":\"extra\",\"reason\":\"needs --delete-extra\"}" : "",
             left, left ? "differ" : "match", fake("touched") ? "false" : "true",
             !options->dry_run       ? "null"
             : options->delete_extra ? "{\"write\":{\"missing\":1,\"different\":1},\"delete\":{\"extra\":1},\"leave\":{}}"
                                     : "{\"write\":{\"missing\":1,\"different\":1},\"delete\":{},\"leave\":{\"extra\":1}}",
             left ? "differ" : "match", left ? "infill repair PLAN --delete-extra" : "");
    return fake_give(json, text);
}

/* The whole of a file, or NULL. */
static char *contents(const char *path) {
    FILE *file = path != NULL ? fopen(path, "r") : NULL;
    char *text = file != NULL ? calloc(1, DOCUMENT_MAX) : NULL;
    if (text != NULL && fread(text, 1, DOCUMENT_MAX - 1, file) == 0)
        text[0] = '\0';
    if (file != NULL)
        fclose(file);
    return text;
}

int infill_report(const struct infill_plan *plan, char **json, struct infill_error *error) {
    (void)plan;
    if (fake("nothing"))
        return fake_fail(error, INFILL_ERR_NOT_FOUND, "no run of users_v2 here", "", "infill run PLAN");
    *json = contents(getenv("FAKE_DOCUMENT"));
    if (*json != NULL)
        return 0;
    return fake_give(
        json, "{\"plan\":\"users_v2\",\"environment\":\"default\",\"profile\":\"prod\",\"run\":1,\"state\":\"done\","
              "\"server_version\":\"15.4\",\"version\":\"0.1.0\",\"generated_at\":\"2026-01-01T00:00:00Z\",\"verdict\":"
              "\"match\",\"rows\":{\"seen\":1000,\"written\":900,\"same\":90,\"kept\":10,\"rejected\":0},\"fills\":[{\"fill\":"
              "\"users\",\"source\":\"users_legacy\",\"target\":\"users_v2\",\"verdict\":\"match\",\"state\":\"filled\","
              "\"slices\":1,\"rows\":{\"source\":1000,\"target\":1000},\"missing\":0,\"extra\":0,\"different\":0,"
              "\"duplicates\":0,\"changed\":0,\"weaker\":0,\"checks\":[],\"causes\":[],\"columns\":[\"id\"],\"ranges\":[{"
              "\"range\":1,\"lo\":null,\"hi\":\"[\\\"1000\\\"]\",\"state\":\"filled\",\"rows\":1000,\"written\":900,"
              "\"verdict\":\"match\",\"reason\":\"\",\"verified_at\":\"2026-01-01T00:00:00Z\"}]}],\"findings\":[],"
              "\"findings_total\":0,\"rejects\":[],\"not_compared\":[],\"sample\":null,\"events\":[]}");
}
