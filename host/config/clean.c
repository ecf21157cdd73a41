/* clean.c - text from outside, as it may stand in a line for people. */
#include <string.h>

#include "config/config_impl.h"

/* C0 and DEL are single bytes, C1 are c2 80 to c2 9f, YAML's other line ends e2 80 a8 and a9. */
size_t scl_control_bytes(const char *text)
{
    const unsigned char *p = (const unsigned char *)text;

    if (*p == 0xc2 && p[1] >= 0x80 && p[1] < 0xa0)
        return 2;
    if (*p == 0xe2 && p[1] == 0x80 && (p[2] == 0xa8 || p[2] == 0xa9))
        return 3;
    return *p && (*p < 0x20 || *p == 0x7f);
}

const char *scl_clean_text(const char *text)
{
    static _Thread_local char slot[4][64];
    static _Thread_local int next_slot;
    char *out = slot[next_slot++ % 4];
    size_t n = 0, control = 0;

    for (; text[n] && n < sizeof slot[0] - 4; n++) {
        control = control > 1 ? control - 1 : scl_control_bytes(text + n);
        out[n] = control ? '?' : text[n];
    }
    if (text[n]) {
        while (n > 0 && ((unsigned char)text[n] & 0xc0) == 0x80)
            n--; /* not inside a character */
        memcpy(out + n, "...", 3);
        n += 3;
    }
    out[n] = '\0';
    return out;
}
