/* tune_impl.h - what the files of `scorecl tune` share; for host/cli only. */
#ifndef SCL_CLI_TUNE_IMPL_H
#define SCL_CLI_TUNE_IMPL_H

#include <stdbool.h>

/* tune_db.c: the tuning database, shown and passed on. argv[0] is the word behind `tune`. */
int scl_tune_list(int argc, char **argv, bool *started);
int scl_tune_export(int argc, char **argv, bool *started);
int scl_tune_import(int argc, char **argv, bool *started);

/* tune_diff.c: two tables side by side. */
int scl_tune_diff(int argc, char **argv, bool *started);

/* tune_search.c: `scorecl tune CONFIG`. */
int scl_tune_search(int argc, char **argv, bool *started);

#endif
