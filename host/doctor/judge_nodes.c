/* judge_nodes.c - files below /dev that lead to a GPU, and that this user cannot open. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "doctor/judge_impl.h"

/* The groups of all closed files, each once: "render,video". */
static void collect_groups(char *out, size_t size, const struct scl_machine *m, bool by_number)
{
    size_t n = 0;

    out[0] = '\0';
    for (int i = 0; i < m->n_node; i++) {
        const struct scl_gpu_node *node = &m->node[i];
        const bool is_number = node->group[strspn(node->group, "0123456789")] == '\0';
        bool is_new = node->error == EACCES && is_number == by_number;

        for (int k = 0; is_new && k < i; k++)
            is_new = m->node[k].error != EACCES || strcmp(m->node[k].group, node->group) != 0;
        if (is_new && n < size)
            n += (size_t)snprintf(out + n, size - n, "%s%s", n ? "," : "", node->group);
    }
}

/* In a container the group's number has no name; outside, root's own files need a udev rule, which
 * the driver's package brings. */
static void mend_closed(char *out, size_t size, const struct scl_machine *m,
                        const struct scl_gpu_node *node)
{
    char names[256], numbers[256];

    collect_groups(names, sizeof names, m, false);
    collect_groups(numbers, sizeof numbers, m, true);
    if (node->error != EACCES)
        snprintf(out, size, "docker run --device %s ...", node->path);
    else if (numbers[0] && m->is_container)
        snprintf(out, size, "docker run --group-add %s ...", numbers);
    else if (node->is_listed)
        snprintf(out, size, "log out and in again (until then: sg %s -c 'scorecl ...')",
                 node->group);
    else if (names[0] && strcmp(names, "root") != 0)
        snprintf(out, size, "sudo usermod -aG %s %s\nlog out and in again", names, m->user);
    else
        snprintf(out, size, "sudo chmod a+rw %s", node->path);
}

void scl_judge_nodes(struct scl_findings *f, const struct scl_machine *m)
{
    char mend[SCL_MEND_BYTES], before[SCL_MEND_BYTES] = "";

    for (int i = 0; i < m->n_node; i++) {
        const struct scl_gpu_node *node = &m->node[i];

        if (node->error != EACCES && node->error != EPERM)
            continue;
        mend_closed(mend, sizeof mend, m, node);
        scl_finding_add(f, SCL_PROBLEM, "permission", strcmp(mend, before) == 0 ? "" : mend,
                        "%s: user %s cannot open it (%s)%s%s%s%s", node->path, m->user,
                        strerror(node->error), node->is_listed ? "; /etc/group has" : "; group ",
                        node->is_listed ? " the user in " : "", node->group,
                        node->is_listed ? ", this login has not" : " may");
        snprintf(before, sizeof before, "%s", mend);
    }
}
