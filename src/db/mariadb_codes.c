/* mariadb_codes.c - the table of error codes. What is not in it is ERR_UNKNOWN: stop. */
#include <mysqld_error.h>
#include <stddef.h>
#include <string.h>

#include "base/text.h"
#include "db/mariadb_errors.h"

/* Codes that only MySQL has, of the system, and of the client library. */
enum {
    FILE_WRITE_FAILED = 3,
    CLIENT_FIRST = 2000,
    CLIENT_OUT_OF_MEMORY = 2008,
    CLIENT_LAST = 2999,
    MYSQL_STATEMENT_TIMEOUT = 3024,
    MYSQL_CHECK_VIOLATED = 3819,
    MYSQL_IDLE_CLIENT = 4031,
    CONNECTOR_FIRST = 5000,
    CONNECTOR_LAST = 5999,
};

static const char does_not_fit[] = "a value that does not fit";
static const char raised[] = "raised by a trigger or function";

static const struct mdb_meaning passing[] = {
    {ER_LOCK_WAIT_TIMEOUT, ERR_LOCKED, NULL},
    {ER_LOCK_DEADLOCK, ERR_TRANSIENT, NULL},
    {ER_LOCK_ABORTED, ERR_TRANSIENT, NULL},
    {ER_XA_RBDEADLOCK, ERR_TRANSIENT, NULL},
    {ER_XA_RBTIMEOUT, ERR_TRANSIENT, NULL},
    {ER_XA_RBROLLBACK, ERR_TRANSIENT, NULL},
    {ER_CHECKREAD, ERR_TRANSIENT, NULL}, /* the record has changed since it was read */
    {ER_TABLE_DEF_CHANGED, ERR_TRANSIENT, NULL},
    {ER_NEED_REPREPARE, ERR_TRANSIENT, NULL}, /* the statement is prepared anew next time */
    {ER_UNKNOWN_STMT_HANDLER, ERR_TRANSIENT, NULL},
    {ER_PRIOR_COMMIT_FAILED, ERR_TRANSIENT, NULL},
    {ER_OUTOFMEMORY, ERR_TRANSIENT, NULL},
    {ER_OUT_OF_SORTMEMORY, ERR_TRANSIENT, NULL},
    {ER_OUT_OF_RESOURCES, ERR_TRANSIENT, NULL},
    {ER_LOCK_TABLE_FULL, ERR_TRANSIENT, NULL},
    {ER_TOO_MANY_CONCURRENT_TRXS, ERR_TRANSIENT, NULL},
    {ER_UNKNOWN_COM_ERROR, ERR_TRANSIENT, NULL}, /* a Galera node that is not ready */
    {ER_STATEMENT_TIMEOUT, ERR_SLOW, NULL},
    {MYSQL_STATEMENT_TIMEOUT, ERR_SLOW, NULL},
    {ER_QUERY_INTERRUPTED, ERR_TRANSIENT, NULL}, /* somebody's KILL QUERY; ERR_CANCELLED when it was ours */
    {ER_FILSORT_ABORT, ERR_TRANSIENT, NULL},
};

static const struct mdb_meaning of_server[] = {
    {FILE_WRITE_FAILED, ERR_FULL, NULL},
    {ER_DISK_FULL, ERR_FULL, NULL},
    {ER_ERROR_ON_WRITE, ERR_FULL, NULL},
    {ER_RECORD_FILE_FULL, ERR_FULL, NULL},
    {ER_TRANS_CACHE_FULL, ERR_FULL, NULL},
    {ER_TEMP_FILE_WRITE_FAILURE, ERR_FULL, NULL},
    {ER_OPEN_AS_READONLY, ERR_READ_ONLY, NULL},
    {ER_READ_ONLY_TRANSACTION, ERR_READ_ONLY, NULL},
    {ER_OPTION_PREVENTS_STATEMENT, ERR_READ_ONLY, NULL},
    {ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION, ERR_READ_ONLY, NULL},
    {ER_READ_ONLY_MODE, ERR_READ_ONLY, NULL},
    {ER_INNODB_READ_ONLY, ERR_READ_ONLY, NULL},
    {ER_CON_COUNT_ERROR, ERR_CONNECT, NULL},
    {ER_TOO_MANY_USER_CONNECTIONS, ERR_CONNECT, NULL},
    {ER_USER_LIMIT_REACHED, ERR_CONNECT, NULL},
    {ER_CANT_CREATE_THREAD, ERR_CONNECT, NULL},
    {ER_MAX_PREPARED_STMT_COUNT_REACHED, ERR_CONNECT, NULL},
    {ER_HANDSHAKE_ERROR, ERR_CONNECT, NULL},
    {ER_BAD_HOST_ERROR, ERR_CONNECT, NULL},
    {ER_HOST_IS_BLOCKED, ERR_CONNECT, NULL},
    {ER_NO_DB_ERROR, ERR_CONNECT, NULL},
    {ER_BAD_DB_ERROR, ERR_CONNECT, NULL},
    {ER_SERVER_SHUTDOWN, ERR_LOST, NULL},
    {ER_NORMAL_SHUTDOWN, ERR_LOST, NULL},
    {ER_GOT_SIGNAL, ERR_LOST, NULL},
    {ER_SHUTDOWN_COMPLETE, ERR_LOST, NULL},
    {ER_FORCING_CLOSE, ERR_LOST, NULL},
    {ER_ABORTING_CONNECTION, ERR_LOST, NULL},
    {ER_NEW_ABORTING_CONNECTION, ERR_LOST, NULL},
    {ER_NET_READ_ERROR_FROM_PIPE, ERR_LOST, NULL},
    {ER_NET_FCNTL_ERROR, ERR_LOST, NULL},
    {ER_NET_PACKETS_OUT_OF_ORDER, ERR_LOST, NULL},
    {ER_NET_UNCOMPRESS_ERROR, ERR_LOST, NULL},
    {ER_NET_READ_ERROR, ERR_LOST, NULL},
    {ER_NET_READ_INTERRUPTED, ERR_LOST, NULL},
    {ER_NET_ERROR_ON_WRITE, ERR_LOST, NULL},
    {ER_NET_WRITE_INTERRUPTED, ERR_LOST, NULL},
    {ER_CONNECTION_KILLED, ERR_LOST, NULL},
    {MYSQL_IDLE_CLIENT, ERR_LOST, NULL},
    {ER_DBACCESS_DENIED_ERROR, ERR_DENIED, NULL},
    {ER_ACCESS_DENIED_ERROR, ERR_DENIED, NULL},
    {ER_ACCESS_DENIED_NO_PASSWORD_ERROR, ERR_DENIED, NULL},
    {ER_ACCESS_DENIED_CHANGE_USER_ERROR, ERR_DENIED, NULL},
    {ER_TABLEACCESS_DENIED_ERROR, ERR_DENIED, NULL},
    {ER_COLUMNACCESS_DENIED_ERROR, ERR_DENIED, NULL},
    {ER_SPECIFIC_ACCESS_DENIED_ERROR, ERR_DENIED, NULL},
    {ER_PROCACCESS_DENIED_ERROR, ERR_DENIED, NULL},
    {ER_VIEW_NO_EXPLAIN, ERR_DENIED, NULL},
    {ER_KILL_DENIED_ERROR, ERR_DENIED, NULL},
    {ER_HOST_NOT_PRIVILEGED, ERR_DENIED, NULL},
    {ER_MUST_CHANGE_PASSWORD, ERR_DENIED, NULL},
    {ER_MUST_CHANGE_PASSWORD_LOGIN, ERR_DENIED, NULL},
    {ER_ACCOUNT_HAS_BEEN_LOCKED, ERR_DENIED, NULL},
};

static const struct mdb_meaning of_rows[] = {
    {ER_DUP_KEY, ERR_DUPLICATE, "duplicate key"},
    {ER_DUP_ENTRY, ERR_DUPLICATE, "duplicate key"},
    {ER_DUP_UNIQUE, ERR_DUPLICATE, "duplicate key"},
    {ER_DUP_ENTRY_WITH_KEY_NAME, ERR_DUPLICATE, "duplicate key"},
    {ER_BAD_NULL_ERROR, ERR_ROW, "NULL in a NOT NULL column"},
    {ER_WARN_NULL_TO_NOTNULL, ERR_ROW, "NULL in a NOT NULL column"},
    {ER_NO_DEFAULT_FOR_FIELD, ERR_ROW, "no value for a column that has no default"},
    {ER_NO_DEFAULT_FOR_VIEW_FIELD, ERR_ROW, "no value for a column that has no default"},
    {ER_WARN_DATA_OUT_OF_RANGE, ERR_ROW, "number out of range"},
    {ER_DATA_OUT_OF_RANGE, ERR_ROW, "number out of range"},
    {ER_DATA_OVERFLOW, ERR_ROW, "number out of range"},
    {WARN_DATA_TRUNCATED, ERR_ROW, "a value that would be cut short"},
    {ER_DATA_TRUNCATED, ERR_ROW, "a value that would be cut short"},
    {ER_CUT_VALUE_GROUP_CONCAT, ERR_ROW, "a value that would be cut short"},
    {ER_DATA_TOO_LONG, ERR_ROW, "text too long"},
    {ER_VALUE_TOO_LONG, ERR_ROW, "text too long"},
    {ER_TRUNCATED_WRONG_VALUE, ERR_ROW, does_not_fit},
    {ER_TRUNCATED_WRONG_VALUE_FOR_FIELD, ERR_ROW, does_not_fit},
    {ER_WRONG_VALUE_FOR_TYPE, ERR_ROW, does_not_fit},
    {ER_WRONG_VALUE, ERR_ROW, does_not_fit},
    {ER_BAD_DATA, ERR_ROW, does_not_fit},
    {ER_DYN_COL_WRONG_FORMAT, ERR_ROW, does_not_fit},
    {ER_DYN_COL_DATA, ERR_ROW, does_not_fit},
    {ER_BAD_BASE64_DATA, ERR_ROW, does_not_fit},
    {ER_INVALID_CHARACTER_STRING, ERR_ROW, "text not valid in its character set"},
    {ER_CANNOT_CONVERT_CHARACTER, ERR_ROW, "character that the character set does not have"},
    {ER_DATETIME_FUNCTION_OVERFLOW, ERR_ROW, "date or time out of range"},
    {ER_DIVISION_BY_ZERO, ERR_ROW, "division by zero"},
    {ER_CANT_CREATE_GEOMETRY_OBJECT, ERR_ROW, "not a geometry"},
    {ER_REGEXP_ERROR, ERR_ROW, "not a regular expression"},
    {ER_WARN_ALLOWED_PACKET_OVERFLOWED, ERR_ROW, "a value larger than max_allowed_packet"},
    {ER_TOO_BIG_ROWSIZE, ERR_ROW, "row too large"},
    {ER_UNDO_RECORD_TOO_BIG, ERR_ROW, "row too large"},
    {ER_AUTOINC_READ_FAILED, ERR_ROW, "the column's numbers are used up"},
    {ER_NO_REFERENCED_ROW, ERR_ROW, "foreign key violated"},
    {ER_NO_REFERENCED_ROW_2, ERR_ROW, "foreign key violated"},
    {ER_ROW_IS_REFERENCED, ERR_ROW, "row still referenced"},
    {ER_ROW_IS_REFERENCED_2, ERR_ROW, "row still referenced"},
    {ER_FOREIGN_DUPLICATE_KEY_WITH_CHILD_INFO, ERR_ROW, "duplicate key in a table that references this one"},
    {ER_FOREIGN_DUPLICATE_KEY_WITHOUT_CHILD_INFO, ERR_ROW, "duplicate key in a table that references this one"},
    {ER_CONSTRAINT_FAILED, ERR_ROW, "check constraint violated"},
    {MYSQL_CHECK_VIOLATED, ERR_ROW, "check constraint violated"},
    {ER_VIEW_CHECK_FAILED, ERR_ROW, "outside the view's CHECK OPTION"},
    {ER_NO_PARTITION_FOR_GIVEN_VALUE, ERR_ROW, "no partition for a value"},
    {ER_ROW_DOES_NOT_MATCH_PARTITION, ERR_ROW, "row not of this partition"},
    {ER_ROW_DOES_NOT_MATCH_GIVEN_PARTITION_SET, ERR_ROW, "row not of this partition"},
    {ER_SUBQUERY_NO_1_ROW, ERR_ROW, "a subquery gave more than one row"},
    {ER_TOO_MANY_ROWS, ERR_ROW, "a query in a trigger or function gave more than one row"},
    {ER_SP_FETCH_NO_DATA, ERR_ROW, "no data in a trigger or function"},
    {ER_SP_CASE_NOT_FOUND, ERR_ROW, "no case for a value in a trigger or function"},
    {ER_SIGNAL_WARN, ERR_ROW, raised},
    {ER_SIGNAL_NOT_FOUND, ERR_ROW, raised},
    {ER_SIGNAL_EXCEPTION, ERR_ROW, raised},
};

/* The statement is at fault: names, types, syntax, what the server cannot do. */
static const unsigned of_statements[] = {
    ER_TABLE_EXISTS_ERROR,
    ER_BAD_TABLE_ERROR,
    ER_NON_UNIQ_ERROR,
    ER_BAD_FIELD_ERROR,
    ER_WRONG_FIELD_WITH_GROUP,
    ER_WRONG_GROUP_FIELD,
    ER_WRONG_SUM_SELECT,
    ER_WRONG_VALUE_COUNT,
    ER_TOO_LONG_IDENT,
    ER_DUP_FIELDNAME,
    ER_DUP_KEYNAME,
    ER_WRONG_FIELD_SPEC,
    ER_PARSE_ERROR,
    ER_EMPTY_QUERY,
    ER_NONUNIQ_TABLE,
    ER_INVALID_DEFAULT,
    ER_MULTIPLE_PRI_KEY,
    ER_TOO_LONG_KEY,
    ER_KEY_COLUMN_DOES_NOT_EXIST,
    ER_BLOB_USED_AS_KEY,
    ER_BLOB_KEY_WITHOUT_LENGTH,
    ER_WRONG_AUTO_KEY,
    ER_CANT_DROP_FIELD_OR_KEY,
    ER_CANT_CREATE_TABLE,
    ER_DB_CREATE_EXISTS,
    ER_DB_DROP_EXISTS,
    ER_UPDATE_TABLE_USED,
    ER_NO_SUCH_THREAD,
    ER_NO_TABLES_USED,
    ER_WRONG_DB_NAME,
    ER_WRONG_TABLE_NAME,
    ER_WRONG_COLUMN_NAME,
    ER_TOO_BIG_SELECT,
    ER_UNKNOWN_TABLE,
    ER_FIELD_SPECIFIED_TWICE,
    ER_INVALID_GROUP_FUNC_USE,
    ER_UNKNOWN_CHARACTER_SET,
    ER_UNKNOWN_COLLATION,
    ER_TOO_MANY_TABLES,
    ER_TOO_MANY_FIELDS,
    ER_FUNCTION_NOT_DEFINED,
    ER_WRONG_VALUE_COUNT_ON_ROW,
    ER_CANT_REOPEN_TABLE,
    ER_INVALID_USE_OF_NULL,
    ER_MIX_OF_GROUP_FUNC_AND_FIELDS,
    ER_NONEXISTING_GRANT,
    ER_NO_SUCH_TABLE,
    ER_NO_SUCH_TABLE_IN_ENGINE,
    ER_NOT_ALLOWED_COMMAND,
    ER_SYNTAX_ERROR,
    ER_NET_PACKET_TOO_LARGE,
    ER_PRIMARY_CANT_HAVE_NULL,
    ER_UPDATE_WITHOUT_KEY_IN_SAFE_MODE,
    ER_KEY_DOES_NOT_EXISTS,
    ER_CANT_DO_THIS_DURING_AN_TRANSACTION,
    ER_LOCK_OR_ACTIVE_TRANSACTION,
    ER_UNKNOWN_SYSTEM_VARIABLE,
    ER_WRONG_ARGUMENTS,
    ER_CANNOT_ADD_FOREIGN,
    ER_WRONG_USAGE,
    ER_WRONG_NUMBER_OF_COLUMNS_IN_SELECT,
    ER_WRONG_VALUE_FOR_VAR,
    ER_WRONG_TYPE_FOR_VAR,
    ER_NOT_SUPPORTED_YET,
    ER_OPERAND_COLUMNS,
    ER_ILLEGAL_REFERENCE,
    ER_DERIVED_MUST_HAVE_ALIAS,
    ER_TABLENAME_NOT_ALLOWED_HERE,
    ER_COLLATION_CHARSET_MISMATCH,
    ER_CANT_AGGREGATE_2COLLATIONS,
    ER_CANT_AGGREGATE_3COLLATIONS,
    ER_CANT_AGGREGATE_NCOLLATIONS,
    ER_UNKNOWN_STORAGE_ENGINE,
    ER_NON_UPDATABLE_TABLE,
    ER_FEATURE_DISABLED,
    ER_UNSUPPORTED_PS,
    ER_SP_ALREADY_EXISTS,
    ER_SP_DOES_NOT_EXIST,
    ER_SP_WRONG_NO_OF_ARGS,
    ER_STMT_NOT_ALLOWED_IN_SF_OR_TRG,
    ER_WRONG_OBJECT,
    ER_NONUPDATEABLE_COLUMN,
    ER_VIEW_INVALID,
    ER_TRG_ALREADY_EXISTS,
    ER_TRG_DOES_NOT_EXIST,
    ER_ILLEGAL_VALUE_FOR_TYPE,
    ER_VIEW_MULTIUPDATE,
    ER_BINLOG_UNSAFE_ROUTINE,
    ER_BINLOG_CREATE_ROUTINE_NEED_SUPER,
    ER_COMMIT_NOT_ALLOWED_IN_SF_OR_TRG,
    ER_TOO_BIG_SCALE,
    ER_TOO_BIG_PRECISION,
    ER_M_BIGGER_THAN_D,
    ER_CANT_UPDATE_USED_TABLE_IN_SF_OR_TRG,
    ER_NO_SUCH_USER,
    ER_SP_RECURSION_LIMIT,
    ER_NON_INSERTABLE_TABLE,
    ER_TOO_HIGH_LEVEL_OF_NESTING_FOR_SELECT,
    ER_PARTITION_DOES_NOT_EXIST,
    ER_WRONG_PARAMCOUNT_TO_NATIVE_FCT,
    ER_WRONG_PARAMETERS_TO_NATIVE_FCT,
    ER_WRONG_PARAMETERS_TO_STORED_FCT,
    ER_BINLOG_ROW_ENGINE_AND_STMT_ENGINE,
    ER_BINLOG_ROW_MODE_AND_STMT_ENGINE,
    ER_BINLOG_STMT_MODE_AND_ROW_ENGINE,
    ER_VARIABLE_NOT_SETTABLE_IN_TRANSACTION,
    ER_CANT_CHANGE_TX_CHARACTERISTICS,
    ER_UNKNOWN_PARTITION,
    ER_ALTER_OPERATION_NOT_SUPPORTED,
    ER_ALTER_OPERATION_NOT_SUPPORTED_REASON,
    ER_WARNING_NON_DEFAULT_VALUE_FOR_GENERATED_COLUMN,
    ER_UNSUPPORTED_ACTION_ON_GENERATED_COLUMN,
    ER_KILL_QUERY_DENIED_ERROR,
    ER_ILLEGAL_PARAMETER_DATA_TYPES2_FOR_OPERATION,
    ER_ILLEGAL_PARAMETER_DATA_TYPE_FOR_OPERATION,
    ER_UNKNOWN_DATA_TYPE,
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct mdb_meaning *find(const struct mdb_meaning *table, size_t count, unsigned native) {
    for (size_t i = 0; i < count; i++)
        if (table[i].native == native)
            return &table[i];
    return NULL;
}

static bool is_of_statement(unsigned native) {
    for (size_t i = 0; i < COUNT(of_statements); i++)
        if (of_statements[i] == native)
            return true;
    return false;
}

static bool is_of_client(unsigned native) {
    return (native >= CLIENT_FIRST && native <= CLIENT_LAST) || (native >= CONNECTOR_FIRST && native <= CONNECTOR_LAST);
}

/* The storage engine's own number stands in the message: 28 is a full disk. */
static bool is_full_engine(const struct mdb_failure *failure) {
    return failure->native == ER_GET_ERRNO && text_starts(failure->message, "Got error 28 ");
}

struct mdb_meaning mdb_meaning_of(const struct mdb_failure *failure) {
    unsigned native = failure->native;
    if (strcmp(failure->sqlstate, "45000") == 0) /* SIGNAL, whatever number it chose */
        return (struct mdb_meaning){native, ERR_ROW, raised};
    if (native == CLIENT_OUT_OF_MEMORY)
        return (struct mdb_meaning){native, ERR_NOMEM, NULL};
    if (is_of_client(native))
        return (struct mdb_meaning){native, ERR_LOST, NULL};
    if (is_of_statement(native))
        return (struct mdb_meaning){native, ERR_SQL, NULL};
    const struct mdb_meaning *found = find(passing, COUNT(passing), native);
    if (found == NULL)
        found = find(of_server, COUNT(of_server), native);
    if (found == NULL)
        found = find(of_rows, COUNT(of_rows), native);
    if (found != NULL)
        return *found;
    return (struct mdb_meaning){native, is_full_engine(failure) ? ERR_FULL : ERR_UNKNOWN, NULL};
}

/* The server closes the connection behind a packet that is too large. */
bool mdb_ends_session(const struct mdb_failure *failure) {
    return is_of_client(failure->native) || failure->native == ER_NET_PACKET_TOO_LARGE || mdb_meaning_of(failure).class == ERR_LOST;
}
