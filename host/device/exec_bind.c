/* exec_bind.c - a plan is given memory, kernels and arguments. */
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "base/stop.h"
#include "device/exec_impl.h"

/* Bundles rely on zeros in their gaps. The rest of a large buffer is left as it is: on a CPU its
 * pages come at their first touch, a second for each GiB when one thread touches them here, and
 * less when all do in the first step. Elsewhere a driver that cannot give the memory says so at
 * the first use of a buffer, so each is used here rather than in the middle of a step. */
static int clear_buffer(struct scl_exec *e, int buffer)
{
    const size_t bytes = e->plan->buffer_bytes[buffer];
    int rc;

    if (e->plan->guard_bytes)
        return scl_memory_fill(e->device, e->buffer[buffer], SCL_TAINT, 0, bytes, "the workspace");
    if (scl_memory_is_small(bytes))
        return scl_memory_zero(e->device, e->buffer[buffer], bytes, "the workspace");
    SCL_TRY(scl_memory_fill(e->device, e->buffer[buffer], 0, 0, sizeof(float), "the workspace"));
    for (int id = 0; id < scl_graph_count(e->plan->graph); id++) {
        const struct scl_place *place = &e->plan->place[id];

        if (scl_graph_node(e->plan->graph, id)->is_bundle && place->kind == SCL_IN_WORK &&
            place->buffer == buffer)
            SCL_TRY(scl_memory_fill(e->device, e->buffer[buffer], 0, place->offset, place->bytes,
                                    "the workspace"));
    }
out:
    return rc;
}

static int make_buffers(struct scl_exec *e)
{
    int rc = SCL_OK;

    if (!(e->buffer = calloc((size_t)e->plan->n_buffer + 1, sizeof(cl_mem))))
        return scl_fail(SCL_NOMEM, "out of memory for a plan's buffers");
    for (int i = 0; i < e->plan->n_buffer; i++) {
        SCL_TRY(
            scl_memory_new(&e->buffer[i], e->device, e->plan->buffer_bytes[i], "the workspace"));
        SCL_TRY(clear_buffer(e, i));
    }
    SCL_TRY(scl_device_finish(e->device));
out:
    return rc;
}

cl_mem scl_exec_whole(const struct scl_exec *e, const struct scl_place *place, size_t *offset,
                      size_t *whole_bytes)
{
    const struct scl_store_entry *entry;

    if (place->kind == SCL_IN_WORK) {
        *offset = place->offset;
        *whole_bytes = e->plan->buffer_bytes[place->buffer];
        return e->buffer[place->buffer];
    }
    entry = e->store ? scl_store_find(e->store, place->root->name) : NULL;
    if (!entry)
        return NULL;
    *offset = entry->offset + place->offset;
    *whole_bytes = e->store->bank_bytes[entry->bank];
    return e->store->bank[entry->bank];
}

static int push_piece(struct scl_exec *e, struct piece piece)
{
    const cl_buffer_region region = { piece.offset, piece.bytes };
    cl_int err;

    if (e->n_piece == e->room) {
        const int room = e->room ? 2 * e->room : 256;
        struct piece *grown = realloc(e->piece, (size_t)room * sizeof *grown);

        if (!grown)
            return scl_fail(SCL_NOMEM, "out of memory for a plan's values");
        e->piece = grown;
        e->room = room;
    }
    piece.mem = clCreateSubBuffer(piece.whole, CL_MEM_READ_WRITE, CL_BUFFER_CREATE_TYPE_REGION,
                                  &region, &err);
    e->piece[e->n_piece] = piece;
    if (err == CL_SUCCESS)
        e->n_piece++;
    return scl_cl(err, "clCreateSubBuffer", NULL);
}

/* The memory object of a place: the buffer itself, or a part of it. */
static int find_mem(cl_mem *out, struct scl_exec *e, const struct scl_place *place)
{
    struct piece want = { .bytes = place->bytes };
    size_t whole_bytes;
    int rc;

    if (!(want.whole = scl_exec_whole(e, place, &want.offset, &whole_bytes)))
        return scl_fail(SCL_SHAPE, "the model has no state %s", place->root->name);
    if (want.offset == 0 && want.bytes == whole_bytes) {
        *out = want.whole;
        return SCL_OK;
    }
    for (int i = 0; i < e->n_piece; i++)
        if (e->piece[i].whole == want.whole && e->piece[i].offset == want.offset &&
            e->piece[i].bytes == want.bytes) {
            *out = e->piece[i].mem;
            return SCL_OK;
        }
    if ((rc = push_piece(e, want)) == SCL_OK)
        *out = e->piece[e->n_piece - 1].mem;
    return rc;
}

static int set_arg(struct scl_exec *e, const struct scl_step *step, struct bound *bound, int a)
{
    const struct scl_arg *arg = &step->launch->arg[a];
    const void *value = &arg->i;
    size_t size = sizeof(cl_int);
    cl_mem mem = NULL;
    int rc;

    if (arg->kind == SCL_ARG_FLOAT) {
        value = &arg->f;
    } else if (arg->kind != SCL_ARG_INT) {
        SCL_TRY(find_mem(&mem, e, &step->place[a]));
        value = &mem;
        size = sizeof mem;
    }
    if (!bound->kernel) {
        bound->mem[a] = mem;
        return SCL_OK;
    }
    rc = scl_cl(clSetKernelArg(bound->kernel, (cl_uint)a, size, value), "clSetKernelArg",
                step->launch->kernel);
out:
    return rc;
}

/* PoCL ends the process where a group wants more local memory than there is. */
static int check_limits(const struct scl_exec *e, cl_kernel kernel, const struct scl_launch *l)
{
    const size_t have = e->device->facts.local_bytes;
    cl_ulong local = 0;
    size_t items = 0;
    int rc;

    SCL_TRY(scl_cl(clGetKernelWorkGroupInfo(kernel, e->device->id, CL_KERNEL_LOCAL_MEM_SIZE,
                                            sizeof local, &local, NULL),
                   "clGetKernelWorkGroupInfo", l->kernel));
    SCL_TRY(scl_cl(clGetKernelWorkGroupInfo(kernel, e->device->id, CL_KERNEL_WORK_GROUP_SIZE,
                                            sizeof items, &items, NULL),
                   "clGetKernelWorkGroupInfo", l->kernel));
    if (local > have)
        return scl_fail(SCL_DEVICE,
                        "%s with %s: wants %llu bytes of local memory, and the device has %zu",
                        l->kernel, l->defines, (unsigned long long)local, have);
    if (items > 0 && l->items > items)
        return scl_fail(SCL_DEVICE,
                        "%s with %s: wants groups of %zu items, and the device runs it in groups "
                        "of up to %zu",
                        l->kernel, l->defines, l->items, items);
out:
    return rc;
}

static int bind_step(struct scl_exec *e, const struct scl_step *step, struct bound *bound)
{
    const struct scl_launch *l = step->launch;
    cl_program program;
    cl_int err;
    int rc;

    if (l->file) {
        SCL_TRY(scl_program_find(&program, e->device, l->file, l->defines));
        bound->kernel = clCreateKernel(program, l->kernel, &err);
        SCL_TRY(scl_cl(err, "clCreateKernel", l->kernel));
        SCL_TRY(check_limits(e, bound->kernel, l));
    }
    for (int a = 0; a < l->n_arg; a++)
        SCL_TRY(set_arg(e, step, bound, a));
    for (int i = 0; i < 3; i++) {
        bound->local[i] = i == 0 ? l->items : 1;
        bound->global[i] = l->groups[i] * bound->local[i];
    }
    rc = SCL_OK;
out:
    return rc;
}

/* The transforms of step s: those of an earlier step of the same sizes, or new ones. */
static int find_fft(struct scl_exec *e, int s)
{
    const struct scl_fft *want = &e->plan->step[s].launch->fft;
    int rc;

    for (int i = 0; i < s; i++)
        if (e->bound[i].fft && memcmp(&e->plan->step[i].launch->fft, want, sizeof *want) == 0) {
            e->bound[s].fft = e->bound[i].fft;
            return SCL_OK;
        }
    if ((rc = scl_clfft_new(&e->bound[s].fft, e->device, want)) == SCL_OK)
        e->fft[e->n_fft++] = e->bound[s].fft;
    return rc;
}

/* Sets up CLBlast and clFFT where a step needs them, and the memory that they work in. */
static int prepare_libraries(struct scl_exec *e)
{
    size_t most = 0, bytes;
    int rc = SCL_OK;

    for (int s = 0; s < e->plan->n_step; s++) {
        const struct scl_launch *l = e->plan->step[s].launch;

        if (l->file)
            continue;
        if (l->fft.batch > 0) {
            SCL_TRY(find_fft(e, s));
            bytes = scl_clfft_temp_bytes(e->bound[s].fft);
        } else {
            SCL_TRY(scl_clblast_temp_bytes(&bytes, e->device, l));
        }
        most = bytes > most ? bytes : most;
    }
    if (most == 0)
        return rc;
    rc = scl_memory_new(&e->temp, e->device, most, "the libraries' temporary");
out:
    return rc;
}

/* Whether a launch is the first to need a program that is yet to be made. */
static bool is_first_use(const struct scl_exec *e, int s)
{
    const struct scl_launch *l = e->plan->step[s].launch;

    if (!l->file || scl_program_is_ready(e->device, l->file, l->defines))
        return false;
    for (int i = 0; i < s; i++) {
        const struct scl_launch *seen = e->plan->step[i].launch;

        if (seen->file && strcmp(seen->file, l->file) == 0 &&
            strcmp(seen->defines, l->defines) == 0)
            return false;
    }
    return true;
}

/* Compiling can take minutes. */
static int check_stop(void)
{
    return scl_stop_asked() ? scl_fail(SCL_INTERRUPTED, "stopped while programs were compiled")
                            : SCL_OK;
}

/* Programs that the cache lacks. */
struct compiling {
    struct scl_compiling to;
    int done, of;
};

static bool is_to_be_compiled(const struct scl_exec *e, int s)
{
    const struct scl_launch *l = e->plan->step[s].launch;

    return is_first_use(e, s) && !scl_program_is_cached(e->device, l->file, l->defines);
}

/* What other processes can compile, they do. */
static int compile_ahead(struct compiling *c, struct scl_exec *e)
{
    const struct scl_launch **launch = malloc(((size_t)e->plan->n_step + 1) * sizeof *launch);

    if (!launch)
        return scl_fail(SCL_NOMEM, "out of memory for %d launches", e->plan->n_step);
    for (int s = 0; s < e->plan->n_step; s++)
        if (is_to_be_compiled(e, s))
            launch[c->of++] = e->plan->step[s].launch;
    c->done = scl_compile_all(e->device, c->of, launch, &c->to);
    free(launch);
    return SCL_OK;
}

static int bind_steps(struct compiling *c, struct scl_exec *e)
{
    int rc = SCL_OK;

    for (int s = 0; s < e->plan->n_step; s++) {
        const struct scl_step *step = &e->plan->step[s];

        if (is_first_use(e, s))
            SCL_TRY(check_stop());
        if (c->to.progress && c->done < c->of && is_to_be_compiled(e, s))
            c->to.progress(c->to.user, c->done++, c->of, step->launch->file);
        SCL_TRY(bind_step(e, step, &e->bound[s]));
    }
out:
    return rc;
}

int scl_exec_new(struct scl_exec **out, struct scl_device *device, struct scl_store *store,
                 const struct scl_plan *plan,
                 void (*progress)(void *user, int done, int of, const char *program), void *user)
{
    struct scl_exec *e = calloc(1, sizeof *e);
    struct compiling compiling = { .to = { progress, user } };
    int rc;

    *out = NULL;
    if (!e)
        return scl_fail(SCL_NOMEM, "out of memory for a plan");
    e->device = device;
    e->store = store;
    e->plan = plan;
    SCL_TRY(make_buffers(e));
    e->bound = calloc((size_t)plan->n_step + 1, sizeof *e->bound);
    e->fft = calloc((size_t)plan->n_step + 1, sizeof(struct scl_clfft *));
    if (!e->bound || !e->fft) {
        rc = scl_fail(SCL_NOMEM, "out of memory for %d launches", plan->n_step);
        goto out;
    }
    SCL_TRY(prepare_libraries(e));
    SCL_TRY(compile_ahead(&compiling, e));
    SCL_TRY(bind_steps(&compiling, e));
    for (int id = 0; id < scl_graph_count(plan->graph); id++) {
        const struct scl_node *y = scl_graph_node(plan->graph, id);

        if (y->role == SCL_CONST)
            SCL_TRY(scl_exec_write(e, y, y->data, true));
    }
    *out = e;
    e = NULL;
    rc = SCL_OK;
out:
    scl_exec_free(e);
    return rc;
}

void scl_exec_free(struct scl_exec *e)
{
    if (!e)
        return;
    for (int s = 0; e->bound && s < e->plan->n_step; s++)
        if (e->bound[s].kernel)
            clReleaseKernel(e->bound[s].kernel);
    /* The last first: NVIDIA's driver (580.159) ends the process, in its list of a buffer's
     * sub-buffers, when an earlier one is released before a later one. */
    for (int i = e->n_piece - 1; i >= 0; i--)
        clReleaseMemObject(e->piece[i].mem);
    for (int i = 0; e->buffer && i < e->plan->n_buffer; i++)
        if (e->buffer[i])
            clReleaseMemObject(e->buffer[i]);
    if (e->temp)
        clReleaseMemObject(e->temp);
    for (int i = 0; i < e->n_fft; i++)
        scl_clfft_free(e->fft[i]);
    free(e->fft);
    free(e->bound);
    free(e->piece);
    free(e->buffer);
    free(e);
}
