/* item_plan.c - the server's own plan of each statement of a batch: an index range, or the whole table every time? */
#include "base/text.h"
#include "preflight/checklist.h"

static size_t count_scans(const json_t *fill, const char *scan) {
    size_t count = 0, i;
    json_t *statement;
    json_array_foreach (json_object_get(fill, "statements"), i, statement)
        count += text_equal(json_string_value(json_object_get(statement, "scan")), scan);
    return count;
}

/* A full scan is only a warning of the dry run: beside an application it is the most common way to take it down. */
static size_t say_full_scans(struct checklist *list, const struct job *job) {
    size_t count = 0;
    for (const struct problem *p = list->jobs->problems.first; p; p = p->following)
        if (text_equal(p->check, "plan") && text_equal(p->fill, job->name)) {
            checklist_say(list, job, CHECKLIST_FAIL, p->next, "%s", p->message);
            count++;
        }
    return count;
}

static int look(struct checklist *list, struct err *err) {
    static const char *const kinds[] = {"explain", NULL};
    (void)err;
    for (size_t i = 0; i < list->jobs->count; i++) {
        const struct job *job = &list->jobs->jobs[i];
        const json_t *fill = checklist_fill(list, job);
        size_t found = say_full_scans(list, job) + checklist_problems(list, job, kinds);
        if (found > 0 || !checklist_can_run(job))
            continue;
        size_t ranges = count_scans(fill, "index range"), full = count_scans(fill, "full scan");
        if (full > 0)
            checklist_say(list, job, CHECKLIST_PASS, NULL, "%s is small enough to be read as a whole", job->source_name);
        else
            checklist_say(list, job, CHECKLIST_PASS, NULL, "%zu statement%s of a batch read%s %s by an index range (EXPLAIN)",
                          ranges, ranges == 1 ? "" : "s", ranges == 1 ? "s" : "", job->source_name);
    }
    return 0;
}

const struct checklist_item plan_item = {"plan", CHECKLIST_BEFORE, look};
