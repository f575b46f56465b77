/* call.h - the ledger's statements, each spelled once, and how they are run. For src/ledger only. */
#ifndef LEDGER_CALL_H
#define LEDGER_CALL_H

#include "ledger/ledger.h"

/* X(name, template): see stmt_template. */
#define LEDGER_STATEMENTS(X)                                                                                                       \
    X(RUN_FIND, "SELECT [run], [generation], [state], [reason], [environment], [profile], [meaning], [meaning_text], "             \
                "[fingerprint], [fingerprint_text], [format], {ms:[updated_at]} FROM {run} WHERE [plan] = ?0")                     \
    X(RUN_LOCK, "SELECT [run], [generation], [state], [reason] FROM {run} WHERE [run] = ?0:int{update}")                           \
    X(RUN_SHARE, "SELECT [state], [reason] FROM {run} WHERE [run] = ?0:int{share}")                                                \
    X(RUN_STATE,                                                                                                                   \
      "SELECT [run], [generation], [state], [reason], [environment], [profile], [meaning] FROM {run} WHERE [run] = ?0:int")        \
    X(RUN_OTHER_ENVIRONMENT,                                                                                                       \
      "SELECT [plan], [environment] FROM {run} WHERE [environment] <> ?0 AND [state] <> 'done' ORDER BY [run]")                    \
    X(RUN_OTHERS, "SELECT [plan], [environment], [state] FROM {run} WHERE [plan] <> ?0 AND [state] <> 'done' ORDER BY [run]")      \
    X(RUN_INSERT,                                                                                                                  \
      "INSERT INTO {run} ([run], [plan], [environment], [profile], [meaning], [meaning_text], [fingerprint], "                     \
      "[fingerprint_text], [format], [state], [reason], [generation], [settings], [version], [created_by], [created_at], "         \
      "[updated_at]) SELECT coalesce(max([run]), 0) + 1, ?0, ?1, ?2, ?3, ?4, ?5, ?6, ?7:int, 'running', '', 1, ?8, ?9, "           \
      "?10, {now}, {now} FROM {run}")                                                                                              \
    X(RUN_TOUCH, "UPDATE {run} SET [settings] = ?1, [version] = ?2, [updated_at] = {now} WHERE [run] = ?0:int")                    \
    X(LIVE_GET, "SELECT [live], [state] FROM {run} WHERE [run] = ?0:int")                                                          \
    X(LIVE_PUT, "UPDATE {run} SET [live] = ?1, [updated_at] = {now} WHERE [run] = ?0:int")                                         \
    X(RUN_SET,                                                                                                                     \
      "UPDATE {run} SET [state] = ?1, [reason] = ?2, [generation] = [generation] + 1, [updated_at] = {now} WHERE [run] = "         \
      "?0:int")                                                                                                                    \
    X(RUN_DONE, "UPDATE {run} SET [state] = 'done', [reason] = '', [updated_at] = {now}, [ended_at] = {now} WHERE [run] = ?0:int") \
    X(RUN_UNFILLED, "SELECT count(*) FROM {fill} WHERE [run] = ?0:int AND ([state] <> 'filled' OR [until_key] IS NOT NULL)")       \
    X(RUN_NOT_DONE, "SELECT count(*) FROM {run} WHERE [state] <> 'done'")                                                          \
    X(RANGES_LOCK, "SELECT [range_no] FROM {range} WHERE [run] = ?0:int AND ([state] = 'open' OR [owner] IS NOT NULL) ORDER BY "   \
                   "[fill], [range_no], [attempt]{update}")                                                                        \
    X(RANGES_FENCE, "UPDATE {range} SET [epoch] = [epoch] + 1, [owner] = NULL, [lease_until] = NULL WHERE [run] = ?0:int AND "     \
                    "([state] = 'open' OR [owner] IS NOT NULL)")                                                                   \
    X(FILL_INSERT, "INSERT INTO {fill} ([run], [fill], [fill_no], [source], [target], [in_place], [state], [ranges], "             \
                   "[row_estimate]) SELECT [run], ?1, ?2:int, ?3, ?4, ?5:int, 'waiting', 0, ?6:int FROM {run} WHERE [plan] = ?0")  \
    X(FILL_GET, "SELECT [fill], [state], [frontier], [high_water], [from_key], [ranges], [until_key], [had_extra] FROM {fill} "    \
                "WHERE [run] = ?0:int AND "                                                                                        \
                "[fill] = ?1")                                                                                                     \
    X(FILL_LOCK, "SELECT [fill], [state], [frontier], [high_water], [from_key], [ranges], [until_key], [had_extra] FROM {fill} "   \
                 "WHERE [run] = ?0:int AND "                                                                                       \
                 "[fill] = ?1{update}")                                                                                            \
    X(FILL_HIGH_WATER,                                                                                                             \
      "UPDATE {fill} SET [state] = ?2, [from_key] = coalesce([from_key], ?3), [frontier] = coalesce([frontier], ?3), "             \
      "[high_water] = ?4, [until_key] = ?5, [had_extra] = coalesce([had_extra], ?6:int), [started_at] = coalesce([started_at], "   \
      "{now}) WHERE [run] = ?0:int AND "                                                                                           \
      "[fill] = ?1 AND [state] = 'waiting' AND ([until_key] = ?5 OR ([until_key] IS NULL AND ([high_water] IS NULL OR "            \
      "?5 IS NULL)))")                                                                                                             \
    X(FILL_OTHERS,                                                                                                                 \
      "SELECT count(*) FROM {fill} WHERE [run] <> ?0:int AND [target] = ?1 AND [in_place] = 0 AND [state] <> 'waiting'")           \
    X(FILL_REOPEN,                                                                                                                 \
      "UPDATE {fill} SET [state] = 'waiting', [until_key] = ?2, [filled_at] = NULL WHERE [run] = ?0:int AND [fill] = ?1")          \
    X(FILL_CUT, "UPDATE {fill} SET [frontier] = ?2, [ranges] = [ranges] + 1 WHERE [run] = ?0:int AND [fill] = ?1")                 \
    X(FILL_OPEN_RANGES, "SELECT count(*) FROM {range} WHERE [run] = ?0:int AND [fill] = ?1 AND [state] = 'open'")                  \
    X(FILL_FILLED, "UPDATE {fill} SET [state] = 'filled', [filled_at] = {now} WHERE [run] = ?0:int AND [fill] = ?1")               \
    X(RANGE_INSERT,                                                                                                                \
      "INSERT INTO {range} ([run], [fill], [range_no], [attempt], [lo], [hi], [cursor], [last_lo], [state], [owner], "             \
      "[epoch], [batch_no], [keep], [had_extra], [lease_until], [seen], [written], [same], [kept], [rejected], [tries], "          \
      "[started_at], [updated_at]) VALUES (?0:int, ?1, ?2:int, 1, ?3, ?4, NULL, NULL, 'open', ?5, 1, 0, 0, ?7:int, {now+6}, "      \
      "0, 0, 0, 0, 0, 0, {now}, {now})")                                                                                           \
    X(LEASE_FIND,                                                                                                                  \
      "SELECT [range_no], [attempt], [lo], [hi], [cursor], [last_lo], [epoch], [batch_no], [keep], [tries], [seen] "               \
      "FROM {range} WHERE [run] = ?0:int AND [fill] = ?1 AND [state] = 'open' AND ([parked_until] IS NULL OR "                     \
      "[parked_until] <= {now}) AND ([owner] IS NULL OR [lease_until] < {now} OR [owner] = ?2) ORDER BY [range_no] LIMIT 1{skip}") \
    X(LEASE_TAKE, "UPDATE {range} SET [owner] = ?4, [epoch] = [epoch] + 1, [lease_until] = {now+5}, [parked_until] = NULL WHERE "  \
                  "[run] = ?0:int AND [fill] = ?1 AND [range_no] = ?2:int AND [attempt] = ?3:int")                                 \
    X(LEASE_RELEASE,                                                                                                               \
      "UPDATE {range} SET [owner] = NULL, [lease_until] = NULL, [epoch] = [epoch] + 1, [parked_until] = CASE WHEN "                \
      "?6:int > 0 THEN {now+6} ELSE NULL END, [last_error] = coalesce(?7, [last_error]), [error_at] = CASE WHEN ?7 "               \
      "IS NULL THEN [error_at] ELSE {now} END, [tries] = [tries] + CASE WHEN ?7 IS NULL THEN 0 ELSE 1 END WHERE "                  \
      "[run] = ?0:int AND [fill] = ?1 AND [range_no] = ?2:int AND [attempt] = ?3:int AND [owner] = ?4 AND [epoch] "                \
      "= ?5:int AND [state] = 'open'")                                                                                             \
    X(LEASE_OWNERS, "SELECT DISTINCT [owner] FROM {range} WHERE [run] = ?0:int AND [state] = 'open' AND [owner] IS NOT NULL AND "  \
                    "[owner] <> ?1")                                                                                               \
    X(LEASE_EVICT_LOCK, "SELECT [range_no] FROM {range} WHERE [run] = ?0:int AND [owner] = ?1 ORDER BY "                           \
                        "[fill], [range_no], [attempt]{update}")                                                                   \
    X(LEASE_EVICT, "UPDATE {range} SET [owner] = NULL, [lease_until] = NULL, [epoch] = [epoch] + 1 WHERE [run] = ?0:int AND "      \
                   "[owner] = ?1")                                                                                                 \
    X(LEASE_REREAD,                                                                                                                \
      "SELECT [range_no], [attempt], [lo], [hi], [cursor], [last_lo], [epoch], [batch_no], [keep], [tries], [seen], "              \
      "[owner], [state] FROM {range} WHERE [run] = ?0:int AND [fill] = ?1 AND [range_no] = ?2:int AND [attempt] = "                \
      "?3:int{update}")                                                                                                            \
    X(LEASE_LIVE, "SELECT count(*), coalesce(sum(CASE WHEN substr([owner], 1, length(?1)) = ?1 THEN 1 ELSE 0 END), 0) FROM "       \
                  "{range} WHERE [run] = ?0:int AND [state] = 'open' AND [owner] IS NOT NULL AND [lease_until] > {now}")           \
    X(LEASE_WAKE,                                                                                                                  \
      "SELECT min({ms:[lease_until]} - {ms:[now_is]}), min({ms:[parked_until]} - {ms:[now_is]}) FROM (SELECT "                     \
      "CASE WHEN [owner] IS NULL THEN NULL ELSE [lease_until] END AS [lease_until], [parked_until], {now} AS [now_is] "            \
      "FROM {range} WHERE [run] = ?0:int AND [state] = 'open') AS [r]")                                                            \
    X(LEASE_PARKED, "SELECT [last_error] FROM {range} WHERE [run] = ?0:int AND [state] = 'open' AND [parked_until] > {now} ORDER " \
                    "BY [parked_until] LIMIT 1")                                                                                   \
    X(FENCE_PLAIN, "SELECT 1, (SELECT [state] FROM {run} WHERE [run] = ?0:int) FROM {range} WHERE [run] = ?0:int AND [fill] = ?1 " \
                   "AND [range_no] = ?2:int AND [attempt] = ?3:int AND [owner] = ?4 AND [epoch] = ?5:int AND [batch_no] = "        \
                   "?6:int{update}")                                                                                               \
    X(FENCE_FAILING, "SELECT 1 / count(*), (SELECT [state] FROM {run} WHERE [run] = ?0:int) FROM (SELECT 1 FROM {range} WHERE "    \
                     "[run] = ?0:int AND [fill] = ?1 AND [range_no] = ?2:int AND [attempt] = ?3:int AND [owner] = ?4 AND [epoch] " \
                     "= ?5:int AND [batch_no] = ?6:int{update}) AS [r]")                                                           \
    X(REJECT_DELETE, "DELETE FROM {reject} WHERE [run] = ?0:int AND [fill] = ?1 AND [key_hash] = ?18")                             \
    X(REJECT_INSERT, "INSERT INTO {reject} ([run], [fill], [key_hash], [key], [range_no], [class], [sqlstate], [constraint], "     \
                     "[state], [tries], [at]) VALUES (?0:int, ?1, ?18, ?17, ?2:int, ?19, ?20, ?21, 'open', 1, {now})")             \
    X(REJECT_LIST,                                                                                                                 \
      "SELECT [fill], [key], [range_no], [class], [sqlstate], [constraint], [state], {ms:[at]}, [tries] FROM {reject} "            \
      "WHERE [run] = ?0:int AND (?1 IS NULL OR [state] = ?1) ORDER BY [fill], [range_no], [key_hash]")                             \
    X(REJECT_OPEN, "SELECT count(*) FROM {reject} WHERE [run] = ?0:int AND [state] = 'open'")                                      \
    X(REJECT_ACCEPT, "UPDATE {reject} SET [state] = 'accepted' WHERE [run] = ?0:int AND [fill] = ?1 AND [key_hash] = ?2")          \
    X(REJECT_LOCK,                                                                                                                 \
      "SELECT 1 FROM {reject} WHERE [run] = ?0:int AND [fill] = ?1 AND [key_hash] = ?18 AND [state] = 'open'{update}")             \
    X(REJECT_DONE, "UPDATE {reject} SET [state] = 'retried' WHERE [run] = ?0:int AND [fill] = ?1 AND [key_hash] = ?18")            \
    X(REJECT_COUNT, "UPDATE {range} SET [rejected] = [rejected] - 1, [written] = [written] + ?10:int, [same] = [same] + ?11:int, " \
                    "[kept] = [kept] + ?12:int WHERE [run] = ?0:int AND [fill] = ?1 AND [range_no] = ?2:int AND [attempt] = 1")    \
    X(REJECT_FAILED,                                                                                                               \
      "UPDATE {reject} SET [tries] = [tries] + 1, [class] = ?19, [sqlstate] = ?20, [constraint] = ?21, [at] = {now} "              \
      "WHERE [run] = ?0:int AND [fill] = ?1 AND [key_hash] = ?18")                                                                 \
    X(PASS_LAST, "SELECT [pass], [scope], [state], [seed] FROM {pass} WHERE [run] = ?0:int ORDER BY [pass] DESC LIMIT 1")          \
    X(PASS_INSERT,                                                                                                                 \
      "INSERT INTO {pass} ([run], [pass], [scope], [seed], [state], [actor], [started_at]) VALUES (?0:int, ?1:int, ?2, "           \
      "?3, 'open', ?4, {now})")                                                                                                    \
    X(PASS_END, "UPDATE {pass} SET [state] = 'ended', [verdict] = ?2, [detail] = ?3, [ended_at] = {now} WHERE [run] = ?0:int AND " \
                "[pass] = ?1:int")                                                                                                 \
    X(PASS_ENDED, "SELECT [pass], [scope], [verdict], [detail], {ms:[ended_at]} FROM {pass} WHERE [run] = ?0:int AND [state] = "   \
                  "'ended' ORDER BY [pass] DESC LIMIT 20")                                                                         \
    X(SLICES,                                                                                                                      \
      "SELECT [r].[range_no], [r].[lo], [r].[hi], [r].[state], [r].[seen], [r].[written], [a].[repaired], [a].[settled], "         \
      "[v].[pass], [v].[verdict], [v].[reason], [v].[detail], {ms:[at]} FROM {range} AS [r] JOIN (SELECT [range_no] AS [no], "     \
      "coalesce(sum(CASE WHEN [attempt] > 1 THEN [written] ELSE 0 END), 0) AS [repaired], max({ms:[settled_at]}) AS "              \
      "[settled] FROM {range} WHERE [run] = ?0:int AND [fill] = ?1 GROUP BY [range_no]) AS [a] ON [a].[no] = "                     \
      "[r].[range_no] LEFT JOIN {verdict} AS [v] ON [v].[run] = [r].[run] AND [v].[fill] = [r].[fill] AND [v].[range_no] = "       \
      "[r].[range_no] WHERE [r].[run] = ?0:int AND [r].[fill] = ?1 AND [r].[attempt] = 1 ORDER BY [r].[range_no]")                 \
    X(SETTLE_FIND,                                                                                                                 \
      "SELECT [fill], [range_no], [lo], [hi], [seen], [had_extra] FROM {range} AS [r] WHERE [run] = ?0:int AND [attempt] = 1 "     \
      "AND [state] = 'filled' AND [settled_at] IS NULL AND ([owner] IS NULL OR [lease_until] < {now}) AND NOT EXISTS (SELECT 1 "   \
      "FROM "                                                                                                                      \
      "{range} AS [o] WHERE [o].[run] = [r].[run] AND [o].[fill] = [r].[fill] AND [o].[range_no] = [r].[range_no] AND "            \
      "[o].[state] = "                                                                                                             \
      "'open') ORDER BY [fill], [range_no] LIMIT ?1:limit")                                                                        \
    X(SETTLE_LEFT, "SELECT count(*) FROM {range} WHERE [run] = ?0:int AND (?1 IS NULL OR [fill] = ?1) AND [attempt] = 1 AND "      \
                   "[settled_at] IS NULL")                                                                                         \
    X(SETTLE_CLAIM,                                                                                                                \
      "UPDATE {range} SET [owner] = ?3, [epoch] = [epoch] + 1, [lease_until] = {now+4} WHERE [run] = ?0:int AND [fill] = ?1 AND "  \
      "[range_no] = ?2:int AND [attempt] = 1 AND [state] = 'filled' AND [settled_at] IS NULL AND ([owner] IS NULL OR "             \
      "[lease_until] "                                                                                                             \
      "< {now} OR [owner] = ?3)")                                                                                                  \
    X(SETTLE_UNCLAIM,                                                                                                              \
      "UPDATE {range} SET [owner] = NULL, [lease_until] = NULL WHERE [run] = ?0:int AND [fill] = ?1 AND [range_no] = ?2:int AND "  \
      "[attempt] = 1 AND [owner] = ?3")                                                                                            \
    X(SETTLE_DONE,                                                                                                                 \
      "UPDATE {range} SET [settled_at] = {now}, [updated_at] = {now}, [owner] = NULL, [lease_until] = NULL WHERE "                 \
      "[run] = ?0:int AND [fill] = ?1 AND [range_no] = ?2:int AND [attempt] = 1 AND [state] = 'filled' AND [owner] = ?3")          \
    X(FINDING_KEPT,                                                                                                                \
      "SELECT [key] FROM {finding} WHERE [run] = ?0:int AND [fill] = ?1 AND [range_no] = ?2:int AND [kind] = 'kept' "              \
      "AND [state] = 'open'")                                                                                                      \
    X(ATTEMPT_LAST,                                                                                                                \
      "SELECT [attempt], [lo], [hi], [state], [owner], [epoch], [batch_no], CASE WHEN [lease_until] < {now} THEN 1 ELSE 0 END "    \
      "FROM "                                                                                                                      \
      "{range} WHERE [run] = ?0:int AND [fill] = ?1 AND [range_no] = ?2:int ORDER BY [attempt] DESC LIMIT 1{update}")              \
    X(ATTEMPT_INSERT,                                                                                                              \
      "INSERT INTO {range} ([run], [fill], [range_no], [attempt], [lo], [hi], [state], [owner], [epoch], [batch_no], [keep], "     \
      "[lease_until], [seen], [written], [same], [kept], [rejected], [tries], [started_at], [updated_at]) SELECT [run], [fill], "  \
      "[range_no], [attempt] + 1, [lo], [hi], ?4, ?5, 1, 0, 1, {now+6}, 0, 0, 0, 0, 0, 0, {now}, {now} FROM {range} WHERE [run] "  \
      "= "                                                                                                                         \
      "?0:int AND [fill] = ?1 AND [range_no] = ?2:int AND [attempt] = ?3:int")                                                     \
    X(ATTEMPT_STEP,                                                                                                                \
      "UPDATE {range} SET [batch_no] = [batch_no] + 1, [seen] = [seen] + ?7:int, [written] = [written] + ?8:int, [same] = [same] " \
      "+ "                                                                                                                         \
      "?9:int, [lease_until] = {now+10}, [updated_at] = {now} WHERE [run] = ?0:int AND [fill] = ?1 AND [range_no] = ?2:int AND "   \
      "[attempt] = ?3:int AND [owner] = ?4 AND [epoch] = ?5:int AND [batch_no] = ?6:int")                                          \
    X(ATTEMPT_END,                                                                                                                 \
      "UPDATE {range} SET [state] = 'filled', [owner] = NULL, [lease_until] = NULL, [filled_at] = coalesce([filled_at], {now}), "  \
      "[settled_at] = CASE WHEN ?6:int = 1 THEN {now} ELSE [settled_at] END, [updated_at] = {now} WHERE [run] = ?0:int AND "       \
      "[fill] = "                                                                                                                  \
      "?1 AND [range_no] = ?2:int AND [attempt] = ?3:int AND [owner] = ?4 AND [epoch] = ?5:int")                                   \
    X(AGAIN_FIND,                                                                                                                  \
      "SELECT [range_no], [attempt], [state], [owner], CASE WHEN [lease_until] < {now} THEN 1 ELSE 0 END FROM {range} "            \
      "WHERE [run] = ?0:int AND [fill] = ?1 AND [range_no] >= ?2:int AND [range_no] <= ?3:int ORDER BY [range_no], "               \
      "[attempt]{update}")                                                                                                         \
    X(AGAIN_UNSETTLE, "UPDATE {range} SET [settled_at] = NULL, [owner] = NULL, [lease_until] = NULL, [epoch] = [epoch] + 1 WHERE " \
                      "[run] = ?0:int AND [fill] = ?1 AND [range_no] = ?2:int AND [attempt] = 1")                                  \
    X(AGAIN_INSERT,                                                                                                                \
      "INSERT INTO {range} ([run], [fill], [range_no], [attempt], [lo], [hi], [state], [epoch], [batch_no], [keep], "              \
      "[seen], [written], [same], [kept], [rejected], [tries], [started_at], [updated_at]) SELECT [run], [fill], [range_no], "     \
      "[attempt] + 1, [lo], [hi], 'open', 1, 0, 0, 0, 0, 0, 0, 0, 0, {now}, {now} FROM {range} WHERE [run] = ?0:int AND [fill] = " \
      "?1 "                                                                                                                        \
      "AND [range_no] = ?2:int AND [attempt] = ?3:int")                                                                            \
    X(AGAIN_FILL, "UPDATE {fill} SET [state] = 'open', [filled_at] = NULL WHERE [run] = ?0:int AND [fill] = ?1")                   \
    X(AGAIN_RUN, "UPDATE {run} SET [state] = 'running', [generation] = [generation] + 1, [updated_at] = {now}, [ended_at] = NULL " \
                 "WHERE [run] = ?0:int")                                                                                           \
    X(VERDICT_GET,                                                                                                                 \
      "SELECT [pass], [verdict], [reason], [detail], {ms:[at]} FROM {verdict} WHERE [run] = ?0:int AND [fill] = ?1 AND "           \
      "[range_no] = ?2:int")                                                                                                       \
    X(VERDICT_DELETE, "DELETE FROM {verdict} WHERE [run] = ?0:int AND [fill] = ?1 AND [range_no] = ?2:int")                        \
    X(VERDICT_INSERT, "INSERT INTO {verdict} ([run], [fill], [range_no], [pass], [verdict], [reason], [detail], [at]) VALUES "     \
                      "(?0:int, ?1, ?2:int, ?3:int, ?4, ?5, ?6, {now})")                                                           \
    X(FINDINGS_GONE,                                                                                                               \
      "UPDATE {finding} SET [state] = 'gone' WHERE [run] = ?0:int AND [fill] = ?1 AND [range_no] = ?2:int AND [state] "            \
      "= 'open'")                                                                                                                  \
    X(FINDING_STATE, "UPDATE {finding} SET [state] = ?3 WHERE [run] = ?0:int AND [fill] = ?1 AND [range_no] = ?4:int AND "         \
                     "[key_hash] = ?2 AND [state] = 'open'")                                                                       \
    X(FINDING_DELETE, "DELETE FROM {finding} WHERE [run] = ?0:int AND [fill] = ?1 AND [range_no] = ?3:int AND [key_hash] = ?2 "    \
                      "AND [state] <> 'accepted'")                                                                                 \
    X(FINDING_INSERT,                                                                                                              \
      "INSERT INTO {finding} ([run], [fill], [key_hash], [key], [range_no], [kind], [columns], [state], [at]) SELECT [n].[run], "  \
      "[n].[fill], [n].[key_hash], [n].[key], [n].[range_no], [n].[kind], [n].[columns], 'open', {now} FROM (SELECT ?0:int AS "    \
      "[run], ?1 AS [fill], ?2 AS [key_hash], ?3 AS [key], ?4:int AS [range_no], ?5 AS [kind], ?6 AS [columns]) AS [n] LEFT JOIN " \
      "{finding} AS [f] ON [f].[run] = [n].[run] AND [f].[fill] = [n].[fill] AND [f].[range_no] = [n].[range_no] AND "             \
      "[f].[key_hash] = [n].[key_hash] WHERE [f].[run] "                                                                           \
      "IS "                                                                                                                        \
      "NULL")                                                                                                                      \
    X(FINDING_COUNT, "SELECT count(*) FROM {finding} WHERE [run] = ?0:int AND [state] = 'open' AND (?1 IS NULL OR [fill] = ?1)")   \
    X(FINDING_MISMATCHES,                                                                                                          \
      "SELECT count(*) FROM {finding} AS [f] WHERE [f].[run] = ?0:int AND [f].[state] = 'open' AND [f].[kind] IN ('missing', "     \
      "'different') AND EXISTS (SELECT 1 FROM {range} AS [r] WHERE [r].[run] = [f].[run] AND [r].[fill] = [f].[fill] AND "         \
      "[r].[range_no] = [f].[range_no] AND [r].[attempt] = 1 AND [r].[state] = 'filled' AND ([r].[settled_at] IS NOT NULL OR "     \
      "?1:int = 0)) AND NOT EXISTS (SELECT 1 FROM {range} AS [o] WHERE [o].[run] = [f].[run] AND [o].[fill] = [f].[fill] AND "     \
      "[o].[range_no] = [f].[range_no] AND [o].[state] = 'open')")                                                                 \
    X(FINDING_LIST,                                                                                                                \
      "SELECT [fill], [key], [range_no], [kind], [columns], [state], {ms:[at]} FROM {finding} WHERE [run] = ?0:int AND [state] = " \
      "'open' AND (?1 IS NULL OR [fill] = ?1) ORDER BY [fill], [range_no], [key_hash] LIMIT ?2:limit")                             \
    X(EVENT_LAST, "SELECT [seq], [hash] FROM {event} WHERE [run] = ?0:int ORDER BY [seq] DESC LIMIT 1")                            \
    X(EVENT_INSERT, "INSERT INTO {event} ([run], [seq], [at], [actor], [what], [detail], [prev_hash], [hash]) VALUES (?0:int, "    \
                    "?1:int, ?2, ?3, ?4, ?5, ?6, ?7)")                                                                             \
    X(EVENT_LIST,                                                                                                                  \
      "SELECT [seq], [at], [actor], [what], [detail], [prev_hash], [hash] FROM {event} WHERE [run] = ?0:int ORDER BY [seq]")       \
    X(EVENT_RECENT,                                                                                                                \
      "SELECT [seq], [at], [actor], [what], [detail] FROM {event} WHERE [run] = ?0:int ORDER BY [seq] DESC LIMIT ?1:limit")        \
    X(PACE_UPDATE, "UPDATE {pace} SET [since] = CASE WHEN [state] = ?4 THEN [since] ELSE {now} END, [state] = ?4, [detail] = ?5, " \
                   "[percent] = ?6:int, [waited_ms] = ?7:int, [slowed_ms] = ?8:int, [at] = {now} WHERE [run] = ?0:int AND "        \
                   "[process] = ?1 AND [reason] = ?3")                                                                             \
    X(PACE_INSERT, "INSERT INTO {pace} ([run], [process], [owner], [reason], [state], [detail], [percent], [waited_ms], "          \
                   "[slowed_ms], [since], [at]) VALUES (?0:int, ?1, ?2, ?3, ?4, ?5, ?6:int, ?7:int, ?8:int, {now}, {now})")        \
    X(PACE_LIST, "SELECT [owner], [reason], [state], [detail], [percent], {ms:[since]}, {ms:[at]}, [waited_ms], [slowed_ms] FROM " \
                 "{pace} WHERE [run] = ?0:int ORDER BY [reason], [since], [process]")                                              \
    X(NOTICE_INSERT, "INSERT INTO {notice} ([run], [id], [hook], [event], [document], [state], [tries], [at], [next_at]) VALUES "  \
                     "(?0:int, ?1, ?2:int, ?3, ?4, 'open', 0, {now}, {now})")                                                      \
    X(NOTICE_OPEN, "SELECT [id], [hook], [event], [document], [tries], [error], {ms:[at]} FROM {notice} WHERE [run] = ?0:int AND " \
                   "[state] = 'open' AND (?1:int = 0 OR [next_at] <= {now}) ORDER BY [at], [id], [hook] LIMIT ?2:limit")           \
    X(NOTICE_COUNT, "SELECT count(*) FROM {notice} WHERE [run] = ?0:int AND (?1 IS NULL OR [event] = ?1) AND (?2 IS NULL OR "      \
                    "[state] = ?2)")                                                                                               \
    X(NOTICE_CLAIM, "UPDATE {notice} SET [tries] = [tries] + 1, [next_at] = {now+4} WHERE [run] = ?0:int AND [id] = ?1 AND "       \
                    "[hook] = ?2:int AND [tries] = ?3:int AND [state] = 'open'")                                                   \
    X(NOTICE_FAILED, "UPDATE {notice} SET [error] = ?3, [next_at] = {now+4} WHERE [run] = ?0:int AND [id] = ?1 AND "               \
                     "[hook] = ?2:int AND [state] = 'open'")                                                                       \
    X(NOTICE_END, "UPDATE {notice} SET [state] = ?3, [ended_at] = {now} WHERE [run] = ?0:int AND [id] = ?1 AND [hook] = ?2:int "   \
                  "AND [state] = 'open'")                                                                                          \
    X(NOW_MS, "SELECT {ms:[t]} FROM (SELECT {now} AS [t]) AS [n]")                                                                 \
    X(TOTALS,                                                                                                                      \
      "SELECT count(*), coalesce(sum(CASE WHEN [state] = 'filled' THEN 1 ELSE 0 END), 0), coalesce(sum([seen]), 0), "              \
      "coalesce(sum([written]), 0), coalesce(sum([same]), 0), coalesce(sum([kept]), 0), coalesce(sum([rejected]), 0) FROM "        \
      "{range} WHERE [run] = ?0:int AND [attempt] = 1")                                                                            \
    X(TOTALS_FILLS, "SELECT count(*), coalesce(sum(CASE WHEN [state] = 'filled' THEN 1 ELSE 0 END), 0), "                          \
                    "coalesce(sum([row_estimate]), 0), coalesce(min([row_estimate]), -1) FROM {fill} WHERE [run] = ?0:int")        \
    X(STATUS_RUN, "SELECT [run], [plan], [environment], [profile], [state], [reason], {ms:[created_at]}, {ms:[ended_at]}, "        \
                  "{ms:[updated_at]}, [version], [live] FROM {run} WHERE [plan] = ?0")                                             \
    X(STATUS_FILLS,                                                                                                                \
      "SELECT [f].[fill], [f].[state], [f].[frontier], [f].[high_water], [f].[row_estimate], count([r].[range_no]), "              \
      "coalesce(sum(CASE WHEN [r].[state] = 'filled' THEN 1 ELSE 0 END), 0), coalesce(sum([r].[seen]), 0), "                       \
      "coalesce(sum([r].[written]), 0), coalesce(sum([r].[same]), 0), coalesce(sum([r].[kept]), 0), "                              \
      "coalesce(sum([r].[rejected]), 0), [f].[source], [f].[target], count([r].[settled_at]) FROM {fill} AS [f] LEFT JOIN "        \
      "{range} AS [r] ON "                                                                                                         \
      "[r].[run] = [f].[run] AND [r].[fill] = [f].[fill] AND [r].[attempt] = 1 WHERE [f].[run] = ?0:int GROUP BY [f].[fill], "     \
      "[f].[state], "                                                                                                              \
      "[f].[frontier], [f].[high_water], [f].[row_estimate], [f].[source], [f].[target], [f].[fill_no] ORDER BY "                  \
      "[f].[fill_no]")                                                                                                             \
    X(STATUS_OPEN, "SELECT [fill], [range_no], [owner], {ms:[lease_until]}, {ms:[parked_until]}, [last_error], [seen], [cursor], " \
                   "[hi] FROM {range} WHERE [run] = ?0:int AND [state] = 'open' ORDER BY [fill], [range_no]")                      \
    X(STATUS_TIMES, "SELECT min({ms:[started_at]}), max({ms:[updated_at]}) FROM {range} WHERE [run] = ?0:int")                     \
    X(STATUS_ERROR, "SELECT [fill], [range_no], {ms:[error_at]}, [last_error] FROM {range} WHERE [run] = ?0:int AND [last_error] " \
                    "IS NOT NULL ORDER BY [error_at] DESC LIMIT 1")

enum ledger_statement {
#define LEDGER_ENUM(name, text) LS_##name,
    LEDGER_STATEMENTS(LEDGER_ENUM)
#undef LEDGER_ENUM
        LS_ADVANCE, /* longer than the others; see ledger.c */
    LS_COUNT
};

struct ledger {
    const struct sql_dialect *dialect;
    struct db_tx tx; /* writing, synchronous */
    struct db_tx read_tx;
    struct stmt statements[LS_COUNT];
};

enum { CALL_ARGS_MAX = 12 };

/* One statement with its logical arguments, and room for its answer. */
struct call {
    enum ledger_statement statement;
    struct sql_value args[CALL_ARGS_MAX];
    bool rows; /* it answers with rows */
    struct db_result result;
};

enum { CALLS_MAX = 8 };

/* Runs the calls as one flush (DB_BEGIN, DB_COMMIT in flags). Results live in `arena`. */
int ledger_calls(const struct ledger *ledger, struct db *db, unsigned flags, const struct db_tx *tx, struct call *calls,
                 size_t count, struct arena *arena, struct err *err);

/* An integer as an argument; text of the arena. When memory ended it is a text without a pointer, never NULL, which would match no row in
 * silence: ledger_calls() then fails with ERR_NOMEM. */
struct sql_value call_int(struct arena *arena, int64_t number);
/* A copy of a cell in the arena, NULL for SQL NULL. */
const char *call_cell(const struct call *call, unsigned row, unsigned column);
int64_t call_cell_int(const struct call *call, unsigned row, unsigned column, int64_t otherwise);
/* Milliseconds since 1970 in a cell as RFC 3339, NULL for SQL NULL. */
const char *call_cell_time(const struct call *call, unsigned row, unsigned column, struct arena *arena);

/* What RUN_SHARE answered: 0 while the run is running, else ERR_FENCED, saying what it is. The transaction is the caller's. */
int call_check_running(const struct call *share, struct err *err);

/* notice.c: writes them inside the open transaction. NULL: none. */
int ledger_notices_add(const struct ledger *ledger, struct db *db, int64_t run, const struct ledger_notices *notices,
                       struct arena *arena, struct err *err);

/* event.c: appends to the chain inside the open transaction that holds the run row; with `commit` the transaction ends. */
int ledger_event_add(const struct ledger *ledger, struct db *db, int64_t run, const char *actor, const char *what,
                     const char *detail_json, bool commit, struct arena *arena, struct err *err);

#endif
