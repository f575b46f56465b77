/* infill_error.h - every way in which infill can fail, in one list.
 *
 * The list yields the enum, the names, the process exit codes and the text of `infill explain NAME`.
 * X(name, value, exit code, one line, what it means and what to do next)
 *
 * Exit codes: 0 ok, 1 failure, 2 usage or invalid plan, 3 finished with rejects, 4 differences found, 5 temporary,
 * 6 nothing to lease, 7 stopped and resumable, 8 refused for safety, 130/143 drained after a signal. */
#ifndef INFILL_ERROR_H
#define INFILL_ERROR_H

#define INFILL_ERROR_LIST(X)                                                                                                       \
    X(FAILURE, -1, 1, "something failed that has no class of its own",                                                             \
      "The message says what failed and where. Nothing of the batch at hand was committed; the same command resumes.")             \
    X(NOMEM, -2, 1, "out of memory", "No batch is half-done. Free memory, or lower batch.rows_max and workers, and run again.")    \
    X(IO, -3, 1, "a file could not be read or written", "The message names the file. The database was not touched by this step.")  \
    X(USAGE, -4, 2, "the command line is not right", "Ask the command for --help. Nothing was done.")                              \
    X(PLAN, -5, 2, "the plan is not valid",                                                                                        \
      "Every mistake is listed with line, column and the nearest valid word. Nothing was done.")                                   \
    X(UNSUPPORTED, -6, 2, "known, but not supported yet",                                                                          \
      "The plan asks for something that this version knows of and does not do. Take it out, or wait. Nothing was done.")           \
    X(CONNECT, -7, 5, "no connection to the database",                                                                             \
      "The server did not answer or refused the login. Check the URL, the network and the password file; run again.")              \
    X(LOST, -8, 5, "the connection was lost",                                                                                      \
      "The open transaction was rolled back by the server. infill reconnects by itself; if it gave up, run again.")                \
    X(UNCLEAR, -9, 5, "the connection was lost around COMMIT",                                                                     \
      "Nobody knows yet whether the batch is in. infill locks the range row and looks before it does anything else; if it "        \
      "could not, the next run does so.")                                                                                          \
    X(TRANSIENT, -10, 5, "a passing conflict with other transactions",                                                             \
      "Deadlock, serialization failure or a server that is starting. The batch was rolled back and is retried with backoff.")      \
    X(LOCKED, -11, 5, "a lock was not granted in time",                                                                            \
      "The application holds a lock that the batch needs. infill gives way: the range is parked and tried again later.")           \
    X(SLOW, -12, 5, "a statement ran into its time limit",                                                                         \
      "The batch was rolled back; it is halved and tried again. If it goes on, look at the plan of the statement: infill plan.")   \
    X(ROW, -13, 1, "a row cannot be written",                                                                                      \
      "The target refuses the row (type, length, NULL, check, foreign key, another unique index). The batch is bisected down "     \
      "to the row, the row becomes a reject and the rest goes on. infill rejects lists them.")                                     \
    X(DUPLICATE, -14, 1, "a target row with this match key exists already",                                                        \
      "on_conflict says what happens: keep and overwrite go on, fail stops here.")                                                 \
    X(FULL, -15, 1, "the server has no space left",                                                                                \
      "The batch was rolled back. Make room, then run again: it resumes at the checkpoint.")                                       \
    X(READ_ONLY, -16, 5, "the server is read-only",                                                                                \
      "A standby, or a server that was demoted. Check where the URL leads; nothing was written.")                                  \
    X(DENIED, -17, 1, "a privilege is missing", "infill install PLAN --print-sql prints the grants each role needs.")              \
    X(SQL, -18, 1, "the server refuses a statement",                                                                               \
      "A name, type or syntax that the server does not accept; the message has its SQLSTATE. Check the plan with infill plan.")    \
    X(UNKNOWN, -19, 1, "an error code that infill does not know",                                                                  \
      "Unknown means stop: nothing was guessed, the batch was rolled back. Look the code up, mend the cause, run again.")          \
    X(FENCED, -20, 5, "the range has another owner now",                                                                           \
      "The lease ran out, or the run was paused, stopped or halted meanwhile. The batch was rolled back; nothing is lost.")        \
    X(ACCOUNT, -21, 1, "rows do not add up",                                                                                       \
      "Fewer rows arrived than were sent: a trigger, rule or policy swallowed some. The batch was rolled back. Disable it for "    \
      "the role of infill, or fill through it knowingly by excluding those rows with where:.")                                     \
    X(BUSY, -22, 6, "nothing to lease", "Every open range is worked on by somebody else.")                                         \
    X(STOPPED, -23, 7, "the run is stopped or paused",                                                                             \
      "infill resume PLAN --because \"...\" lets it go on, from its checkpoints.")                                                 \
    X(HALTED, -24, 8, "the run is halted",                                                                                         \
      "A guard, or something infill does not understand, halted it. infill status PLAN says why. When the cause is gone: "         \
      "infill resume PLAN --because \"...\".")                                                                                     \
    X(REFUSED, -25, 8, "refused for safety",                                                                                       \
      "Going on could lose or spoil rows. The message says what differs from what was agreed and what to do.")                     \
    X(MISMATCH, -26, 8, "ledger and rows disagree",                                                                                \
      "Rows that the ledger calls filled are not there: a restore, or somebody deleted them. Nothing is written until you "        \
      "decide.")                                                                                                                   \
    X(CANCELLED, -27, 130, "cancelled", "The batch was cancelled and rolled back; the same command resumes.")                      \
    X(NOT_FOUND, -28, 1, "no such run, fill, table or key", "The message names it. Nothing was done.")                             \
    X(INTERNAL, -29, 1, "a defect in infill itself",                                                                               \
      "A rule that infill sets itself was broken, so it stopped. Please report the message. Committed batches are whole.")

/* The enum of public error codes: 0 is success, the rest is negative. */
enum infill_error_code {
    INFILL_OK = 0,
#define INFILL_ERROR_ENUM(name, value, exit_code, line, text) INFILL_ERR_##name = (value),
    INFILL_ERROR_LIST(INFILL_ERROR_ENUM)
#undef INFILL_ERROR_ENUM
};

#endif
