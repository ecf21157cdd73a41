/* judge_impl.h - the judges, in the order of their findings. */
#ifndef SCL_DOCTOR_JUDGE_IMPL_H
#define SCL_DOCTOR_JUDGE_IMPL_H

#include "doctor/judge.h"
#include "doctor/packages.h"

void scl_judge_loader(struct scl_findings *f, const struct scl_machine *m);
void scl_judge_nodes(struct scl_findings *f, const struct scl_machine *m);
void scl_judge_gpus(struct scl_findings *f, const struct scl_machine *m);
void scl_judge_cpu(struct scl_findings *f, const struct scl_machine *m);
int scl_judge_devices(struct scl_diagnosis *v, const struct scl_machine *m);
void scl_judge_settings(struct scl_findings *f, const struct scl_machine *m);

/* Whether a driver is registered that opens and that is for such devices. */
bool scl_has_driver(const struct scl_machine *m, enum scl_for what);

/* Whether a GPU (a CPU) is among the devices. */
bool scl_has_device(const struct scl_machine *m, bool is_cpu);

/* Whether one is registered that does not load: that has been said then, and how to mend it. */
bool scl_has_broken_driver(const struct scl_machine *m, enum scl_for what);

/* Why the device, as it describes itself, cannot run our kernels; NULL: it can. */
const char *scl_unfit_words(const struct scl_probed_device *d);

/* What a training step needs on the device: the quickstart's, and of ResNet-18 in full with the
 * largest batch of 256, 128 ... 8 that fits. */
struct scl_need {
    int batch;
    double mib;
    char words[512]; /* why the device cannot run it; "": it can */
};
int scl_need_quickstart(struct scl_need *out, const struct scl_facts *facts);
int scl_need_resnet18(struct scl_need *out, const struct scl_facts *facts);

#endif
