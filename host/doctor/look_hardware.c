/* look_hardware.c - GPUs on the PCI bus, and the files below /dev that lead to them. */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/status.h"
#include "doctor/look_impl.h"

enum { MAX_GPU = 32, MAX_NODE = 64 };

#define PCI "/sys/bus/pci/devices"

static unsigned read_hex(struct scl_machine *m, const char *place, const char *what)
{
    char path[160];
    const char *text;

    snprintf(path, sizeof path, PCI "/%s/%s", place, what);
    text = scl_look_text(m, path);
    return text ? (unsigned)strtoul(text, NULL, 16) : 0;
}

/* Displays (0x03....), and accelerators (0x12....) as AMD's for data centres. */
static bool is_gpu(unsigned class, unsigned vendor)
{
    const unsigned base = class >> 16;

    return (base == 0x03 || base == 0x12) &&
           (vendor == 0x1002 || vendor == 0x8086 || vendor == 0x10de);
}

/* The link PLACE/driver leads to a folder with the driver's name. */
static const char *driver_of(struct scl_machine *m, const char *place)
{
    char path[160], to[256];
    const char *whole;
    ssize_t n;

    snprintf(path, sizeof path, PCI "/%s/driver", place);
    if (!(whole = scl_look_path(m, path)))
        return NULL;
    if ((n = readlink(whole, to, sizeof to - 1)) < 0)
        return "";
    to[n] = '\0';
    return scl_arena_text(&m->arena, "%s", strrchr(to, '/') ? strrchr(to, '/') + 1 : to);
}

static int look_at_gpus(struct scl_machine *m)
{
    struct scl_folder folder;
    int rc = SCL_OK;

    scl_look_folder(&folder, m, PCI);
    for (size_t i = 0; i < folder.n && m->n_gpu < MAX_GPU; i++) {
        const char *place = folder.entry[i].name;
        struct scl_gpu *gpu = &m->gpu[m->n_gpu];

        gpu->vendor = read_hex(m, place, "vendor");
        if (!is_gpu(read_hex(m, place, "class"), gpu->vendor))
            continue;
        gpu->device = read_hex(m, place, "device");
        gpu->driver = driver_of(m, place);
        gpu->place = scl_arena_text(&m->arena, "%s", place);
        if (!gpu->driver || !gpu->place) {
            rc = SCL_NOMEM;
            break;
        }
        m->n_gpu++;
    }
    scl_folder_fini(&folder);
    return rc;
}

/* The line of /etc/group with this number: its name, and whether the user is in its list. */
static int find_group(struct scl_gpu_node *node, struct scl_machine *m, gid_t gid)
{
    const char *text = scl_look_text(m, "/etc/group");
    char name[64], list[1024];

    for (; text && *text; text += strcspn(text, "\n"), text += *text == '\n') {
        unsigned number;

        list[0] = '\0';
        if (sscanf(text, "%63[^:\n]:%*[^:\n]:%u:%1023[^\n]", name, &number, list) < 2 ||
            number != gid)
            continue;
        node->group = scl_arena_text(&m->arena, "%s", name);
        for (char *rest = list, *word; (word = strsep(&rest, ","));)
            node->is_listed |= *word && strcmp(word, m->user) == 0;
        return node->group ? SCL_OK : SCL_NOMEM;
    }
    node->group = scl_arena_text(&m->arena, "%u", (unsigned)gid);
    return node->group ? SCL_OK : SCL_NOMEM;
}

static int add_node(struct scl_machine *m, const char *path)
{
    struct scl_gpu_node *node = &m->node[m->n_node];
    const char *whole = scl_look_path(m, path);
    struct stat st;
    int fd;

    if (!whole || !(node->path = scl_arena_text(&m->arena, "%s", path)))
        return SCL_NOMEM;
    if (m->n_node == MAX_NODE || stat(whole, &st) < 0)
        return SCL_OK;
    m->n_node++;
    fd = open(whole, O_RDWR | O_CLOEXEC | O_NONBLOCK);
    node->error = fd < 0 ? errno : 0;
    if (fd >= 0)
        close(fd);
    return find_group(node, m, st.st_gid);
}

static int add_nodes(struct scl_machine *m, const char *path, const char *prefix)
{
    struct scl_folder folder;
    int rc = SCL_OK;

    scl_look_folder(&folder, m, path);
    for (size_t i = 0; i < folder.n; i++) {
        char node[320];

        if (strncmp(folder.entry[i].name, prefix, strlen(prefix)) != 0 ||
            folder.entry[i].kind == SCL_PATH_FOLDER)
            continue;
        snprintf(node, sizeof node, "%s/%s", path, folder.entry[i].name);
        SCL_TRY(add_node(m, node));
    }
out:
    scl_folder_fini(&folder);
    return rc;
}

static void find_nvidia(struct scl_machine *m)
{
    static const char *const folders[] = { "/usr/lib/x86_64-linux-gnu",
                                           "/usr/lib64",
                                           "/usr/lib",
                                           "/usr/lib/aarch64-linux-gnu",
                                           "/usr/local/nvidia/lib64",
                                           "/usr/lib/x86_64-linux-gnu/nvidia/current" };

    m->nvidia_library = "";
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        const char *path = scl_arena_text(&m->arena, "%s/%s", folders[i], "libnvidia-opencl.so.1");

        if (path && scl_look_exists(m, path)) {
            m->nvidia_library = path;
            break;
        }
    }
    m->has_nvidia_module = scl_look_exists(m, "/proc/driver/nvidia/version");
}

int scl_look_hardware(struct scl_machine *m)
{
    int rc;

    m->gpu = scl_arena_alloc(&m->arena, MAX_GPU * sizeof *m->gpu);
    m->node = scl_arena_alloc(&m->arena, (MAX_NODE + 1) * sizeof *m->node);
    if (!m->gpu || !m->node)
        return SCL_NOMEM;
    SCL_TRY(look_at_gpus(m));
    SCL_TRY(add_nodes(m, "/dev/dri", "renderD"));
    SCL_TRY(add_node(m, "/dev/kfd"));
    SCL_TRY(add_nodes(m, "/dev", "nvidia"));
    find_nvidia(m);
out:
    return rc;
}
