/* mariadb_test.c - what only MariaDB has: kinds of columns and indexes, its traps, connecting, and the number of calls a batch makes. */
#include "contract.h"

#include <stdio.h>
#include <string.h>

extern const struct CMUnitTest contract_mariadb_tests[];
const struct CMUnitTest contract_mariadb_tests[] = {{NULL, NULL, NULL, NULL, NULL}};
