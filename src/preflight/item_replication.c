/* item_replication.c - the log that the fill writes has to go somewhere: archive, slots, binary log. */
#include <inttypes.h>

#include "base/text.h"
#include "preflight/checklist.h"

enum { FILES_MANY = 100 };
static const int64_t SLOT_LARGE = 1000000000, SLOT_HUGE = 10 * INT64_C(1000000000);

static void say_archive(struct checklist *list) {
    const struct db_survey *survey = &list->survey;
    if (survey->archive_waiting == DB_NONE)
        return;
    if (survey->archive_failing)
        checklist_say(list, NULL, CHECKLIST_FAIL, "mend archive_command first: until then the log stays on the disk",
                      "the last attempt to archive the log failed");
    else if (survey->archive_waiting > FILES_MANY)
        checklist_say(list, NULL, CHECKLIST_WARN, "let the archive catch up first", "%" PRId64 " log files wait for being archived",
                      survey->archive_waiting);
    else if (survey->archive_waiting == DB_UNKNOWN)
        checklist_say(list, NULL, CHECKLIST_WARN, survey->grant, "how far the archive is behind is hidden from this role");
    else
        checklist_say(list, NULL, CHECKLIST_PASS, NULL, "the archive keeps up: %" PRId64 " log files wait",
                      survey->archive_waiting);
}

static void say_slot(struct checklist *list) {
    const struct db_survey *survey = &list->survey;
    if (survey->slot_bytes == DB_NONE)
        return;
    if (survey->slot_bytes < SLOT_LARGE)
        checklist_say(list, NULL, CHECKLIST_PASS, NULL, "no abandoned replication slot keeps much of the log");
    else
        checklist_say(list, NULL, survey->slot_bytes < SLOT_HUGE ? CHECKLIST_WARN : CHECKLIST_FAIL,
                      "bring its reader back, or drop the slot: the fill's log would stay as well",
                      "replication slot %s is not read and keeps %s of the log", survey->slot,
                      checklist_size(list, survey->slot_bytes));
}

static int look(struct checklist *list, struct err *err) {
    const struct db_survey *survey = &list->survey;
    (void)err;
    say_archive(list);
    say_slot(list);
    if (survey->binlog_format && text_equal_nocase(survey->binlog_format, "STATEMENT"))
        checklist_say(list, NULL, CHECKLIST_FAIL, "SET GLOBAL binlog_format = ROW",
                      "binlog_format is STATEMENT: replicas would not get "
                      "the same rows");
    else if (survey->binlog_format)
        checklist_say(list, NULL, CHECKLIST_PASS, NULL, "the binary log is %s", survey->binlog_format);
    else if (survey->archive_waiting == DB_NONE && survey->slot_bytes == DB_NONE)
        checklist_say(list, NULL, CHECKLIST_NONE, NULL, "this engine sends its log nowhere");
    return 0;
}

const struct checklist_item replication_item = {"replication", CHECKLIST_CONTROLS, look};
