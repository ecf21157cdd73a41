/* bars_impl.h - lines whose fields stand between bars; for host/backend only.
 *
 *     char *field[3];
 *     const int n = scl_bars_split(field, 3, line);      "a | b | c" to "a", "b", "c"
 */
#ifndef SCL_BACKEND_BARS_IMPL_H
#define SCL_BACKEND_BARS_IMPL_H

/* Cuts the line at its bars. The first `most` fields, without the blanks around them, lie in the
 * line; returns how many there are. */
int scl_bars_split(char *field[], int most, char *line);

#endif
