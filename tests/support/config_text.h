/* config_text.h - configurations given as text, and the words that refuse them.
 *
 *     static const struct config_refusal refused[] = {
 *         { SMALL "seed: -1\n", "run.yaml:5: seed: found -1, wanted ..." },
 *     };
 *
 *     config_check_refused(&refused[_i]);
 */
#ifndef SCL_SUPPORT_CONFIG_TEXT_H
#define SCL_SUPPORT_CONFIG_TEXT_H

#include "config/config.h"

#define HEAD "name: run\ndata: { kind: synthetic }\nmethod: { kind: simclr }\n"
#define SMALL HEAD "train: { epochs: 2 }\n" /* four lines */
#define METHOD(keys)                                                                               \
    "name: run\ndata: { kind: synthetic }\nmethod: { kind: " keys " }\ntrain: { epochs: 2 }\n"

struct config_refusal {
    const char *text, *words;
};

/* The text as the file run.yaml; SMALL with one --set. */
int config_load(struct scl_config *out, const char *text);
int config_load_set(struct scl_config *out, const char *set);

/* Fails the test unless the text is refused with SCL_CONFIG in exactly these words. */
void config_check_refused(const struct config_refusal *refusal);

#endif
