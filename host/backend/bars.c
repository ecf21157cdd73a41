/* bars.c - "a | b | c" in pieces. */
#include <string.h>

#include "backend/bars_impl.h"

int scl_bars_split(char *field[], int most, char *line)
{
    char *word;
    int n = 0;

    while ((word = strsep(&line, "|"))) {
        size_t length;

        word += strspn(word, " ");
        length = strlen(word);
        while (length > 0 && word[length - 1] == ' ')
            word[--length] = '\0';
        if (n < most)
            field[n] = word;
        n++;
    }
    return n;
}
