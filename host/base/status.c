/* status.c - one message a thread. */
#include "base/status.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { SPELT_BYTES = 5 }; /* "\x1b" and its end */

static _Thread_local char message[SCL_ERROR_BYTES];

/* One character as it is shown; the bytes of UTF-8 stay. */
static void spell(char out[SPELT_BYTES], unsigned char c)
{
    static const char plain[] = "\n\r\t", letters[] = "nrt";
    const char *found = c ? strchr(plain, c) : NULL;

    if (found)
        snprintf(out, SPELT_BYTES, "\\%c", letters[found - plain]);
    else
        snprintf(out, SPELT_BYTES, c < ' ' || c == 0x7F ? "\\x%02x" : "%c", c);
}

const char *scl_line_text(char *out, size_t size, const char *text)
{
    size_t used = 0;

    for (; *text && used + SPELT_BYTES <= size; text++) {
        spell(out + used, (unsigned char)*text);
        used += strlen(out + used);
    }
    out[used] = '\0';
    return out;
}

int scl_fail(int code, const char *format, ...)
{
    char text[sizeof message]; /* the arguments may point into `message` */
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    scl_line_text(message, sizeof message, text);
    return code;
}

const char *scl_error(void)
{
    return message;
}
