/* judge.h - from the facts of a machine to findings; pure.
 *
 *     struct scl_verdict verdict;
 *
 *     SCL_TRY(scl_doctor_judge(&verdict, &machine));
 *     printf("%d devices are usable\n", verdict.n_usable);
 *     ...
 *     scl_verdict_fini(&verdict);
 */
#ifndef SCL_DOCTOR_JUDGE_H
#define SCL_DOCTOR_JUDGE_H

#include "backend/profile.h"
#include "doctor/findings.h"
#include "doctor/machine.h"

struct scl_verdict {
    struct scl_findings findings;
    int n_usable;             /* devices */
    char best[SCL_KEY_BYTES]; /* the usable device that runs take when none is named; "" */
};

int scl_doctor_judge(struct scl_verdict *out, const struct scl_machine *m);
void scl_verdict_fini(struct scl_verdict *verdict);

#endif
