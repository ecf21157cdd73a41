/* status.h - how every fallible function in this program reports failure.
 *
 * A function that can fail returns an int: SCL_OK, or one of the negative codes
 * below. The place that finds the failure says what is wrong, once, with
 * scl_fail(); every caller above hands the code on and leaves the words alone.
 * Programming errors (a NULL that cannot be, an index out of range) are
 * asserted, never returned.
 *
 *     SCL_TRY(scl_file_read(&bytes, &size, path, limit));
 *     ...
 *     rc = SCL_OK;
 * out:
 *     free(bytes);
 *     return rc;
 */
#ifndef SCL_BASE_STATUS_H
#define SCL_BASE_STATUS_H

#include <stddef.h>

// clang-format off
#define SCL_STATUS_LIST(X)                                      \
    X(OK,           0, "no error")                              \
    X(NOMEM,       -1, "out of memory")                         \
    X(IO,          -2, "a file could not be read or written")   \
    X(CONFIG,      -3, "the configuration is not valid")        \
    X(DATA,        -4, "an input file or data set is not valid")\
    X(SHAPE,       -5, "tensor shapes do not fit together")     \
    X(DEVICE,      -6, "the OpenCL device refused a call")      \
    X(NO_DEVICE,   -7, "there is no usable device")             \
    X(BUILD,       -8, "a kernel did not build")                \
    X(NUMERIC,     -9, "a value is not finite")                 \
    X(USAGE,      -10, "the command line is not valid")         \
    X(INTERRUPTED,-11, "a signal asked to stop")
// clang-format on

enum scl_status {
#define X(name, value, text) SCL_##name = (value),
    SCL_STATUS_LIST(X)
#undef X
};

/* What scl_error() is at most, with its end: two of the longest paths, and words. */
#define SCL_ERROR_BYTES (2 * 4096 + 1024)

/* Records one line for this thread and returns `code`, so that the usual form
 * is `return scl_fail(SCL_SHAPE, "...")`. It stays one line whatever the arguments hold:
 * scl_line_text() is used. */
int scl_fail(int code, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* `text` for one line of output, cut where `size` ends: a control character, as the name of
 * a file may hold, is written \n, \r, \t or \x1b. Returns `out`. */
const char *scl_line_text(char *out, size_t size, const char *text);

/* This thread's last message; valid until its next scl_fail(). */
const char *scl_error(void);

/* Leaves through the function's `out:` label, with the code in `rc`, when `call`
 * fails. The one macro of the house that hides a jump. */
#define SCL_TRY(call)                                                                              \
    do {                                                                                           \
        if ((rc = (call)) < 0)                                                                     \
            goto out;                                                                              \
    } while (0)

#endif
