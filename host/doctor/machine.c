/* machine.c - the facts together, and the small readers that gather them. */
#include "doctor/machine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "doctor/look_impl.h"

enum { MAX_TEXT = 64 << 10 };

const char *scl_machine_variable(const struct scl_machine *m, const char *name)
{
    const size_t length = strlen(name);

    for (char *const *e = m->env; *e; e++)
        if (strncmp(*e, name, length) == 0 && (*e)[length] == '=')
            return *e + length + 1;
    return NULL;
}

const char *scl_look_path(struct scl_machine *m, const char *path)
{
    return scl_arena_text(&m->arena, "%s%s", m->root, path);
}

const char *scl_look_text(struct scl_machine *m, const char *path)
{
    const char *whole = scl_look_path(m, path);
    char text[MAX_TEXT];
    FILE *file = whole ? fopen(whole, "re") : NULL;
    size_t n = 0;

    if (!whole)
        return NULL;
    if (file) {
        n = fread(text, 1, sizeof text - 1, file);
        fclose(file);
    }
    text[n] = '\0';
    return scl_arena_copy(&m->arena, text, n + 1);
}

bool scl_look_exists(struct scl_machine *m, const char *path)
{
    const char *whole = scl_look_path(m, path);

    return whole && scl_path_kind(whole) != SCL_PATH_NONE;
}

void scl_look_folder(struct scl_folder *out, struct scl_machine *m, const char *path)
{
    const char *whole = scl_look_path(m, path);

    *out = (struct scl_folder){ 0 };
    if (whole && scl_path_kind(whole) == SCL_PATH_FOLDER)
        (void)scl_folder_load(out, whole);
}

int scl_machine_look(struct scl_machine *out, const char *root, char *const env[])
{
    int rc;

    *out = (struct scl_machine){ .root = root, .env = env };
    SCL_TRY(scl_look_system(out));
    SCL_TRY(scl_look_drivers(out));
    SCL_TRY(scl_look_hardware(out));
    SCL_TRY(scl_look_cache(out));
out:
    return rc;
}

int scl_machine_ask(struct scl_machine *m)
{
    int rc;

    for (int i = 0; i < m->n_icd; i++)
        if (m->icd[i].library[0])
            SCL_TRY(scl_probe_library(&m->icd[i].trial, m->icd[i].library));
    SCL_TRY(scl_probe_list(&m->opencl));
    for (int i = 0; i < m->opencl.n_device; i++)
        SCL_TRY(scl_probe_run(&m->opencl.device[i].trial, m->opencl.device, i));
out:
    return rc;
}

void scl_machine_fini(struct scl_machine *m)
{
    scl_probe_fini(&m->opencl);
    scl_arena_fini(&m->arena);
}
