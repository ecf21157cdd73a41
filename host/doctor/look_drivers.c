/* look_drivers.c - which drivers are registered with OpenCL's loader.
 *
 * The loader reads *.icd of /etc/OpenCL/vendors; OCL_ICD_VENDORS, else OPENCL_VENDOR_PATH, names
 * another folder, one such file, or a library itself. OCL_ICD_FILENAMES adds libraries.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "doctor/look_impl.h"

enum { MAX_ICD = 64 };

#define VENDORS "/etc/OpenCL/vendors"

static bool is_icd(const char *name)
{
    const size_t length = strlen(name);

    return length > 4 && strcmp(name + length - 4, ".icd") == 0;
}

static int add(struct scl_machine *m, const char *file, const char *library)
{
    if (m->n_icd == MAX_ICD)
        return SCL_OK;
    if (!file || !library)
        return SCL_NOMEM;
    m->icd[m->n_icd++] = (struct scl_icd){ .file = file, .library = library };
    return SCL_OK;
}

static int add_file(struct scl_machine *m, const char *folder, const char *name)
{
    const char *file = scl_arena_text(&m->arena, "%s%s%s", folder, *folder ? "/" : "", name);
    const char *text = file ? scl_look_text(m, file) : NULL;

    if (!text)
        return SCL_NOMEM;
    return add(m, file, scl_arena_text(&m->arena, "%.*s", (int)strcspn(text, "\r\n"), text));
}

static int add_folder(struct scl_machine *m, const char *path)
{
    struct scl_folder folder;
    int rc = SCL_OK;

    scl_look_folder(&folder, m, path);
    for (size_t i = 0; i < folder.n; i++)
        if (is_icd(folder.entry[i].name))
            SCL_TRY(add_file(m, path, folder.entry[i].name));
out:
    scl_folder_fini(&folder);
    return rc;
}

/* OCL_ICD_VENDORS=pocl.icd is /etc/OpenCL/vendors/pocl.icd; every other value is taken as it is. */
static int find_vendors(struct scl_machine *m)
{
    const char *const all = scl_machine_variable(m, "OCL_ICD_VENDORS");
    const char *const path = scl_machine_variable(m, "OPENCL_VENDOR_PATH");

    m->vendors = VENDORS;
    m->vendors_from = "";
    if (all && *all) {
        m->vendors_from = "OCL_ICD_VENDORS";
        m->vendors = is_icd(all) && !strchr(all, '/')
                         ? scl_arena_text(&m->arena, "%s/%s", VENDORS, all)
                         : all;
    } else if (path && *path) {
        m->vendors_from = "OPENCL_VENDOR_PATH";
        m->vendors = path;
    }
    return m->vendors ? SCL_OK : SCL_NOMEM;
}

static int add_named_libraries(struct scl_machine *m)
{
    const char *rest = scl_machine_variable(m, "OCL_ICD_FILENAMES");
    int rc = SCL_OK;

    while (rest && *rest) {
        const size_t length = strcspn(rest, ":");

        if (length > 0)
            SCL_TRY(
                add(m, "OCL_ICD_FILENAMES", scl_arena_text(&m->arena, "%.*s", (int)length, rest)));
        rest += length + (rest[length] == ':');
    }
out:
    return rc;
}

int scl_look_drivers(struct scl_machine *m)
{
    const char *whole;
    int rc;

    if (!(m->icd = scl_arena_alloc(&m->arena, MAX_ICD * sizeof *m->icd)))
        return SCL_NOMEM;
    SCL_TRY(find_vendors(m));
    if (!(whole = scl_look_path(m, m->vendors)))
        return SCL_NOMEM;
    m->has_vendors = scl_path_kind(whole) != SCL_PATH_NONE;
    if (scl_path_kind(whole) == SCL_PATH_FOLDER)
        SCL_TRY(add_folder(m, m->vendors));
    else if (is_icd(m->vendors) && m->has_vendors)
        SCL_TRY(add_file(m, "", m->vendors));
    else if (m->has_vendors || (m->vendors_from[0] && strstr(m->vendors, ".so")))
        SCL_TRY(add(m, m->vendors_from, m->vendors)); /* looked for where libraries are */
    rc = add_named_libraries(m);
out:
    return rc;
}
