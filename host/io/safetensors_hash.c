/* safetensors_hash.c - one hash over header and payload, kept in the header itself. */
#include "io/safetensors_impl.h"

#include <stdio.h>
#include <string.h>

#include <xxhash.h>

#include "base/status.h"

int scl_hash_text(char text[SCL_HASH_DIGITS + 1], int n, const struct scl_bytes part[])
{
    XXH3_state_t *state = XXH3_createState();

    if (!state)
        return scl_fail(SCL_NOMEM, "no memory for a hash");
    XXH3_64bits_reset(state);
    for (int i = 0; i < n; i++)
        XXH3_64bits_update(state, part[i].at, part[i].size);
    snprintf(text, SCL_HASH_DIGITS + 1, "%016llx", (unsigned long long)XXH3_64bits_digest(state));
    XXH3_freeState(state);
    return SCL_OK;
}

/* Where the digits of metadata's xxh3 stand; NULL when the header has no such key.
 * Quotes inside JSON text are escaped, so no text can look like the key, and a
 * tensor of that name is followed by a brace. */
static const char *find_digits(const char *p, const char *end)
{
    static const char key[] = "\"" SCL_HASH_KEY "\"";
    const size_t length = sizeof key - 1;

    for (; (size_t)(end - p) > length + SCL_HASH_DIGITS; p++) {
        const char *value = p + length;

        if (memcmp(p, key, length))
            continue;
        while (value < end && (*value == ' ' || *value == ':'))
            value++;
        if (value < end && *value == '"' && end - value > SCL_HASH_DIGITS + 1)
            return value + 1;
    }
    return NULL;
}

int scl_hash_check(const char *source, const char *bytes, size_t size, size_t header_size,
                   const char *wanted)
{
    const char *begin = bytes + sizeof(uint64_t);
    const char *digits = find_digits(begin, begin + header_size);
    char found[SCL_HASH_DIGITS + 1];
    int rc;

    if (!digits || strlen(wanted) != SCL_HASH_DIGITS || memcmp(digits, wanted, SCL_HASH_DIGITS))
        return scl_fail(SCL_DATA, "%s: " SCL_HASH_KEY ": metadata is not 16 hexadecimal digits",
                        source);
    const struct scl_bytes part[] = {
        { bytes, (size_t)(digits - bytes) },
        { SCL_HASH_ZEROS, SCL_HASH_DIGITS },
        { digits + SCL_HASH_DIGITS, size - SCL_HASH_DIGITS - (size_t)(digits - bytes) },
    };
    SCL_TRY(scl_hash_text(found, 3, part));
    if (strcmp(found, wanted))
        rc = scl_fail(SCL_DATA, "%s: is damaged: found the hash %s, wanted %s", source, found,
                      wanted);
out:
    return rc;
}
