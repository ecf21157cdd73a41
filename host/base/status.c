/* status.c - one message a thread. */
#include "base/status.h"

#include <stdarg.h>
#include <stdio.h>

static _Thread_local char message[SCL_ERROR_BYTES];

int scl_fail(int code, const char *format, ...)
{
    char text[sizeof message]; /* the arguments may point into `message` */
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    snprintf(message, sizeof message, "%s", text);
    return code;
}

const char *scl_error(void)
{
    return message;
}
