/* judge.h - from the facts of a machine to findings; pure.
 *
 *     struct scl_diagnosis diagnosis;
 *
 *     SCL_TRY(scl_doctor_judge(&diagnosis, &machine));
 *     printf("%d devices are usable\n", diagnosis.n_usable);
 *     ...
 *     scl_diagnosis_fini(&diagnosis);
 */
#ifndef SCL_DOCTOR_JUDGE_H
#define SCL_DOCTOR_JUDGE_H

#include "backend/profile.h"
#include "doctor/findings.h"
#include "doctor/machine.h"

struct scl_diagnosis {
    struct scl_findings findings;
    int n_usable;             /* devices */
    char best[SCL_KEY_BYTES]; /* the usable device that runs take when none is named; "" */
};

int scl_doctor_judge(struct scl_diagnosis *out, const struct scl_machine *m);
void scl_diagnosis_fini(struct scl_diagnosis *diagnosis);

#endif
