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

/* Of a message, with its end: two paths and the words between them. */
#define SCL_ERROR_BYTES 4096

/* Records one line for this thread and returns `code`, so that the usual form
 * is `return scl_fail(SCL_SHAPE, "...")`. */
int scl_fail(int code, const char *format, ...) __attribute__((format(printf, 2, 3)));

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
