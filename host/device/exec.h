/* exec.h - a plan bound to a device and a model: buffers made, programs built,
 * arguments set. Running it enqueues launches and does nothing else.
 *
 *     SCL_TRY(scl_exec_new(&exec, device, store, plan));
 *     SCL_TRY(scl_exec_write(exec, images, pixels));
 *     SCL_TRY(scl_exec_run(exec));
 *     SCL_TRY(scl_exec_read(exec, loss, &value));
 *
 * Commands run in order. The plan, the store and the device outlive it.
 */
#ifndef SCL_DEVICE_EXEC_H
#define SCL_DEVICE_EXEC_H

#include "device/device.h"
#include "device/store.h"
#include "plan/plan.h"

struct scl_exec;

/* A kernel that wants more local memory or larger groups than the device has is refused here, as
 * drivers have aborted on it. `store` may be NULL for a graph without states. `progress` (may be
 * NULL) is called for each program that is not in the cache, with how many there are: those that
 * other processes compile (compile.h) once they are done, others before they are begun. Stops there
 * with SCL_INTERRUPTED where a signal asks for it (base/stop.h). */
int scl_exec_new(struct scl_exec **out, struct scl_device *device, struct scl_store *store,
                 const struct scl_plan *plan,
                 void (*progress)(void *user, int done, int of, const char *program), void *user);
void scl_exec_free(struct scl_exec *exec);

/* Copies the node's bytes to or from the device. A write does not wait for the
 * device when `wait` is false; `data` must then stay as it is until the next
 * scl_device_finish() or scl_exec_read(). A read waits. */
int scl_exec_write(struct scl_exec *exec, const struct scl_node *node, const void *data, bool wait);
int scl_exec_read(struct scl_exec *exec, const struct scl_node *node, void *out);

/* Of a plan with guards (plan/plan.h), whose memory holds NaN at first, and integers -1: SCL_OK,
 * or SCL_DEVICE with what a launch has written to in front of or behind its value. Waits. */
int scl_exec_check_guards(struct scl_exec *exec);

/* Enqueues every launch, in order, and returns without waiting. */
int scl_exec_run(struct scl_exec *exec);

/* Runs once, with a wait after each step of the plan, and gives the milliseconds
 * of each, as the device measured them, or for CLBlast and clFFT the host:
 * ms[plan->n_step]. */
int scl_exec_profile(struct scl_exec *exec, double ms[]);

#endif
