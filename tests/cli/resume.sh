#!/bin/sh
# resume.sh - a run that is interrupted and goes on ends in the same bits as one that is not,
# whether the signal comes while the score network trains or while the encoder does; and the
# same run twice is the same run. tests/long/interruptions.sh does it at any moment.
set -eu
. tests/cli/tiny.inc

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# count PHASE METRICS: how many steps of the phase are logged
count()
{
    grep -c "\"phase\":\"$1\".*\"loss\"" "$2" 2>/dev/null || true
}

# interrupt FOLDER PHASE STEPS: asks the run to stop once so many steps of the phase are
# logged.
interrupt()
{
    (tiny "$1") &
    child=$!
    until [ "0$(count "$2" "$1/runs/tiny/metrics.jsonl")" -ge "$3" ]; do
        kill -0 $child 2>/dev/null || break
        sleep 0.01
    done
    kill -TERM $child 2>/dev/null || true
    code=0
    wait $child || code=$?
    if [ $code != 130 ]; then
        echo "interrupted in phase $2, the run ended with $code, not 130:"
        cat "$1/log"
        exit 1
    fi
}

mkdir "$work/whole" "$work/again" "$work/parts"
(tiny "$work/whole")
(tiny "$work/again")
interrupt "$work/parts" score 3
interrupt "$work/parts" encoder 3
(tiny "$work/parts")

metrics "$work/whole/runs/tiny" >"$work/want"
for other in again parts; do
    for file in "$work/whole/runs/tiny/checkpoints"/*; do
        cmp "$file" "$work/$other/runs/tiny/checkpoints/${file##*/}"
    done
    metrics "$work/$other/runs/tiny" >"$work/found"
    cmp "$work/want" "$work/found"
done
