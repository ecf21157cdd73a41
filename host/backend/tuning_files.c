/* tuning_files.c - the database on disk: a file a device, the user's and those that the program
 * carries.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xxhash.h>

#include "backend/tuning_impl.h"
#include "base/file.h"
#include "base/source.h"
#include "base/status.h"

enum { FOLDER_BYTES = 768, PATH_BYTES = 1024, NAME_BYTES = 200 };

bool scl_tuning_folder(char *out, size_t size)
{
    return scl_user_folder(out, size, getenv("SCL_CONFIG_DIR"), getenv("XDG_CONFIG_HOME"),
                           getenv("HOME"), ".config", "tuned");
}

/* A key has small letters, digits, '-' and ':'. A long one is cut, and told apart by its hash. */
void scl_tuning_file_name(char *out, size_t size, const char *device)
{
    int n = snprintf(out, size, "%.120s", device);

    if (strlen(device) > 120)
        n += snprintf(out + n, size - (size_t)n, "-%08x",
                      (unsigned)XXH3_64bits(device, strlen(device)));
    snprintf(out + n, size - (size_t)n, ".txt");
    for (char *c = out; *c; c++)
        if (*c == ':')
            *c = '_';
}

static bool is_table(const char *name)
{
    const size_t n = strlen(name);

    return n > 4 && strcmp(name + n - 4, ".txt") == 0;
}

int scl_tuning_load_user(struct scl_decisions *list)
{
    struct scl_folder folder = { 0 };
    char path[FOLDER_BYTES], *file = NULL;
    int rc = SCL_OK;

    if (!scl_tuning_folder(path, sizeof path) || scl_path_kind(path) == SCL_PATH_NONE)
        return SCL_OK;
    SCL_TRY(scl_folder_load(&folder, path));
    for (size_t i = 0; i < folder.n; i++) {
        if (folder.entry[i].kind != SCL_PATH_FILE || !is_table(folder.entry[i].name))
            continue;
        free(file);
        if (!(file = scl_path_join(path, folder.entry[i].name))) {
            rc = SCL_NOMEM;
            goto out;
        }
        SCL_TRY(scl_decisions_load(list, file, false));
    }
out:
    free(file);
    scl_folder_fini(&folder);
    return rc;
}

static int add_shipped(void *user, const char *path, const char *text, size_t size)
{
    struct scl_decisions *list = user, shipped = { 0 };
    int rc = SCL_OK;

    (void)size;
    if (!strstr(path, "/tuned/"))
        return SCL_OK;
    SCL_TRY(scl_decisions_parse(&shipped, path, text, false));
    for (int i = 0; i < shipped.n_kin; i++)
        SCL_TRY(scl_decisions_put_kin(list, &shipped.kin[i]));
    for (int i = 0; i < shipped.n; i++)
        if (scl_decision_import(&shipped.decision[i]))
            SCL_TRY(scl_decisions_put(list, &shipped.decision[i]));
out:
    scl_decisions_fini(&shipped);
    return rc;
}

int scl_tuning_load_shipped(struct scl_decisions *list)
{
    return scl_source_walk("backends", ".txt", add_shipped, list);
}

int scl_tuning_open(struct scl_tuning **out, const struct scl_facts *facts,
                    const struct scl_profile *profile)
{
    struct scl_decisions list = { 0 };
    int rc;

    *out = NULL;
    SCL_TRY(scl_tuning_load_shipped(&list));
    SCL_TRY(scl_tuning_load_user(&list));
    rc = scl_tuning_new(out, &list, facts, profile);
out:
    scl_decisions_fini(&list);
    return rc;
}

int scl_tuning_open_record(struct scl_tuning **out, const char *path, const struct scl_facts *facts,
                           const struct scl_profile *profile)
{
    struct scl_decisions list = { 0 };
    char key[SCL_KEY_BYTES];
    int rc;

    *out = NULL;
    scl_device_key(key, sizeof key, facts);
    SCL_TRY(scl_decisions_load(&list, path, true));
    if (list.n == 0 || strcmp(list.decision[0].device, key) != 0)
        goto out;
    SCL_TRY(scl_tuning_new(out, &list, facts, profile));
    (*out)->is_record = true;
out:
    scl_decisions_fini(&list);
    return rc;
}

static int open_lock(int *fd, const char *folder)
{
    char *path = scl_path_join(folder, "lock");
    int rc = SCL_OK;

    if (!path)
        return SCL_NOMEM;
    *fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (*fd < 0 || scl_file_lock(*fd) < 0)
        rc = scl_fail(SCL_IO, "%s: cannot be locked: %s", path, strerror(errno));
    free(path);
    return rc;
}

/* Puts the lines of one device into its file; whoever else writes waits. */
static int store_device(const struct scl_decisions *list, const char *folder, const char *device)
{
    const struct scl_kin *kin = scl_decisions_find_kin(list, device);
    struct scl_decisions all = { 0 };
    char name[NAME_BYTES], path[PATH_BYTES];
    int rc;

    scl_tuning_file_name(name, sizeof name, device);
    snprintf(path, sizeof path, "%s/%s", folder, name);
    SCL_TRY(scl_decisions_load(&all, path, false));
    if (kin)
        SCL_TRY(scl_decisions_put_kin(&all, kin));
    for (int i = 0; i < list->n; i++)
        if (strcmp(list->decision[i].device, device) == 0)
            SCL_TRY(scl_decisions_put(&all, &list->decision[i]));
    rc = scl_decisions_save(&all, path);
out:
    scl_decisions_fini(&all);
    return rc;
}

static bool is_first_of_device(const struct scl_decisions *list, int i)
{
    for (int k = 0; k < i; k++)
        if (strcmp(list->decision[k].device, list->decision[i].device) == 0)
            return false;
    return true;
}

int scl_tuning_store(const struct scl_decisions *list)
{
    char folder[FOLDER_BYTES];
    int rc, fd = -1;

    if (!scl_tuning_folder(folder, sizeof folder))
        return scl_fail(SCL_IO, "there is no folder for a tuning database: HOME is not set, or "
                                "SCL_CONFIG_DIR is empty");
    SCL_TRY(scl_folder_make(folder));
    SCL_TRY(open_lock(&fd, folder));
    scl_folder_sweep(folder);
    for (int i = 0; i < list->n; i++)
        if (is_first_of_device(list, i))
            SCL_TRY(store_device(list, folder, list->decision[i].device));
out:
    if (fd >= 0)
        close(fd);
    return rc;
}
