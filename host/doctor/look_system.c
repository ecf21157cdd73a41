/* look_system.c - which Linux this is, where it runs, how many processors it may use. */
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/status.h"
#include "doctor/look_impl.h"

/* The value behind KEY= at the start of a line, without quotes; "" when there is none. */
static void copy_value(char *out, size_t size, const char *text, const char *key)
{
    const size_t length = strlen(key);

    out[0] = '\0';
    for (; *text; text += strcspn(text, "\n"), text += *text == '\n') {
        const char *value = text + length + 1;

        if (strncmp(text, key, length) != 0 || text[length] != '=')
            continue;
        value += *value == '"' || *value == '\'';
        snprintf(out, size, "%.*s", (int)strcspn(value, "\"'\n"), value);
        return;
    }
}

/* "0-3,8-11" is 8. */
static int count_cpus(const char *text)
{
    int n = 0;

    while (*text >= '0' && *text <= '9') {
        char *end;
        const long first = strtol(text, &end, 10);
        const long last = *end == '-' ? strtol(end + 1, &end, 10) : first;

        n += (int)(last - first) + 1;
        text = *end == ',' ? end + 1 : end;
    }
    return n;
}

/* Version 2 of control groups has both numbers in one file, version 1 in two; "max" and -1 are
 * no limit. */
static double find_cpu_limit(struct scl_machine *m)
{
    const char *max = scl_look_text(m, "/sys/fs/cgroup/cpu.max");
    const char *quota = scl_look_text(m, "/sys/fs/cgroup/cpu/cpu.cfs_quota_us");
    const char *period = scl_look_text(m, "/sys/fs/cgroup/cpu/cpu.cfs_period_us");
    double a, b;

    if (max && sscanf(max, "%lf %lf", &a, &b) == 2 && b > 0)
        return a / b;
    if (quota && period && sscanf(quota, "%lf", &a) == 1 && sscanf(period, "%lf", &b) == 1 &&
        a > 0 && b > 0)
        return a / b;
    return 0;
}

static const char *user_name(struct scl_machine *m)
{
    const struct passwd *user = getpwuid(geteuid());

    return user ? scl_arena_text(&m->arena, "%s", user->pw_name) : "";
}

int scl_look_system(struct scl_machine *m)
{
    const char *release = scl_look_text(m, "/etc/os-release");
    const char *kernel = scl_look_text(m, "/proc/version");
    const char *online = scl_look_text(m, "/sys/devices/system/cpu/online");

    if (!release || !kernel || !online)
        return SCL_NOMEM;
    copy_value(m->id, sizeof m->id, release, "ID");
    copy_value(m->like, sizeof m->like, release, "ID_LIKE");
    copy_value(m->version, sizeof m->version, release, "VERSION_ID");
    copy_value(m->name, sizeof m->name, release, "PRETTY_NAME");
    m->is_root = geteuid() == 0;
    m->is_wsl = strstr(kernel, "icrosoft") != NULL;
    m->has_dxg = scl_look_exists(m, "/dev/dxg");
    m->is_container = scl_look_exists(m, "/.dockerenv") ||
                      scl_look_exists(m, "/run/.containerenv") ||
                      scl_machine_variable(m, "container");
    m->n_cpu = count_cpus(online);
    m->cpu_limit = find_cpu_limit(m);
    m->user = user_name(m);
    return m->user ? SCL_OK : SCL_NOMEM;
}
