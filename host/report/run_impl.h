/* run_impl.h - what run.c is made of; for host/report only. */
#ifndef SCL_REPORT_RUN_IMPL_H
#define SCL_REPORT_RUN_IMPL_H

/* FOLDER/lock, held by this process. */
struct scl_lock {
    int fd; /* -1: not held */
};

void scl_lock_init(struct scl_lock *lock);

/* Refused when another process holds it, naming the folder and the process. The kernel lets
 * go of it when the process ends, however it ends. */
int scl_lock_open(struct scl_lock *lock, const char *folder);
void scl_lock_close(struct scl_lock *lock);

#endif
