/* packages.c - names of packages, and of the libraries in them. */
#include "doctor/packages.h"

#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

/* Mesa drives AMD's GPUs through rusticl since 23.1; Debian 12 has 22.3, and a later one among its
 * backports. */
#define APT "sudo apt-get update && sudo apt-get install "
#define BACKPORTS                                                                                  \
    "echo deb http://deb.debian.org/debian bookworm-backports main | "                             \
    "sudo tee /etc/apt/sources.list.d/backports.list\n" APT                                        \
    "-t bookworm-backports mesa-opencl-icd"

static const struct distribution {
    const char *id, *version, *name; /* version NULL: any */
    const char *line[SCL_N_FOR];
} distributions[] = {
    { "debian",
      "12",
      NULL,
      { [SCL_FOR_AMD] = BACKPORTS,
        [SCL_FOR_INTEL] = APT "intel-opencl-icd",
        [SCL_FOR_NVIDIA] = APT "nvidia-driver nvidia-opencl-icd  # of non-free",
        [SCL_FOR_CPU] = APT "pocl-opencl-icd" } },
    { "ubuntu",
      NULL,
      NULL,
      { [SCL_FOR_AMD] = APT "mesa-opencl-icd",
        [SCL_FOR_INTEL] = APT "intel-opencl-icd",
        [SCL_FOR_NVIDIA] = "sudo ubuntu-drivers install",
        [SCL_FOR_CPU] = APT "pocl-opencl-icd" } },
    { "debian",
      NULL,
      "Debian, Ubuntu",
      { [SCL_FOR_AMD] = APT "mesa-opencl-icd",
        [SCL_FOR_INTEL] = APT "intel-opencl-icd",
        [SCL_FOR_NVIDIA] = APT "nvidia-driver nvidia-opencl-icd  # of non-free",
        [SCL_FOR_CPU] = APT "pocl-opencl-icd" } },
    { "fedora",
      NULL,
      "Fedora",
      { [SCL_FOR_AMD] = "sudo dnf install mesa-libOpenCL",
        [SCL_FOR_INTEL] = "sudo dnf install intel-compute-runtime",
        [SCL_FOR_NVIDIA] =
            "sudo dnf install akmod-nvidia xorg-x11-drv-nvidia-cuda  # of RPM Fusion",
        [SCL_FOR_CPU] = "sudo dnf install pocl" } },
    { "arch",
      NULL,
      "Arch",
      { [SCL_FOR_AMD] = "sudo pacman -S opencl-mesa",
        [SCL_FOR_INTEL] = "sudo pacman -S intel-compute-runtime",
        [SCL_FOR_NVIDIA] = "sudo pacman -S nvidia opencl-nvidia",
        [SCL_FOR_CPU] = "sudo pacman -S pocl" } },
};
enum { N_DISTRIBUTION = sizeof distributions / sizeof *distributions };

/* Whether `id` is a word of ID or of ID_LIKE ("ubuntu debian"): derivatives say whose they are. */
static bool has_word(const char *list, const char *id)
{
    const size_t length = strlen(id);

    for (const char *at = list; *at; at += strcspn(at, " "), at += strspn(at, " "))
        if (strcspn(at, " ") == length && strncmp(at, id, length) == 0)
            return true;
    return false;
}

static const struct distribution *find(const struct scl_machine *m)
{
    const char *const list[] = { m->id, m->like };

    for (int k = 0; k < 2; k++)
        for (int i = 0; i < N_DISTRIBUTION; i++) {
            const struct distribution *d = &distributions[i];

            if (has_word(list[k], d->id) &&
                (!d->version || (k == 0 && strcmp(d->version, m->version) == 0)))
                return d;
        }
    return NULL;
}

void scl_install_line(char *out, size_t size, const struct scl_machine *m, enum scl_for what)
{
    const struct distribution *d = find(m);
    size_t n = 0;

    if (d) {
        snprintf(out, size, "%s", d->line[what]);
        return;
    }
    out[0] = '\0';
    for (int i = 0; i < N_DISTRIBUTION; i++)
        if (distributions[i].name && n < size)
            n += (size_t)snprintf(out + n, size - n, "%s%s: %s", n ? "\n" : "",
                                  distributions[i].name, distributions[i].line[what]);
}

bool scl_has_newer_mesa(const struct scl_machine *m)
{
    const struct distribution *d = find(m);

    return d && strstr(d->line[SCL_FOR_AMD], "backports");
}

const struct scl_known_library *scl_known_library(const char *library)
{
    enum { AMD = 1 << SCL_FOR_AMD, INTEL = 1 << SCL_FOR_INTEL, CPU = 1 << SCL_FOR_CPU };
    static const struct scl_known_library known[] = {
        { "*RusticlOpenCL*", "Mesa's rusticl", AMD | INTEL },
        { "*MesaOpenCL*", "Mesa's Clover", 0 }, /* of OpenCL 1.1: of no use */
        { "*amdocl*", "ROCm", AMD },
        { "*igdrcl*", "Intel's NEO", INTEL },
        { "*nvidia-opencl*", "NVIDIA's driver", 1 << SCL_FOR_NVIDIA },
        { "*pocl*", "PoCL", CPU },
        { "*intelocl*", "Intel's CPU runtime", CPU },
    };
    const char *const slash = strrchr(library, '/');

    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (fnmatch(known[i].glob, slash ? slash + 1 : library, 0) == 0)
            return &known[i];
    return NULL;
}
