#!/bin/sh
# resume.sh - a run that is interrupted and goes on ends in the same bits as one that is not,
# whether the signal comes while the score network trains or while the encoder does; and the
# same run twice is the same run.
set -eu

top=$PWD
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# train FOLDER: ten steps of each phase, in FOLDER/runs/bits; the program replaces the shell
train()
{
    cd "$1"
    exec "$SCORECL" train "$top/configs/quickstart/scorecl-simclr.yaml" --set name=bits \
        --set data.train_size=96 --set data.test_size=32 --set train.batch=16 \
        --set train.steps=10 --set train.epochs=0 --set train.log_every=1 \
        --set encoder.width=8 --set head.hidden=32 --set score.width=8 --set score.batch=8 \
        --set score.steps=10 --set schedule.warmup_steps=4 --set schedule.drop_epochs=[1] \
        --set eval.knn_every=2 --set eval.k=1 2>>log
}

# count PHASE METRICS: how many steps of the phase are logged
count()
{
    grep -c "\"phase\":\"$1\".*\"loss\"" "$2" 2>/dev/null || true
}

# interrupt FOLDER PHASE STEPS: asks the run to stop once so many steps of the phase are
# logged. (SIGTERM: a shell's background jobs ignore SIGINT.)
interrupt()
{
    (train "$1") &
    child=$!
    until [ "0$(count "$2" "$1/runs/bits/metrics.jsonl")" -ge "$3" ]; do
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
(train "$work/whole")
(train "$work/again")
interrupt "$work/parts" score 3
interrupt "$work/parts" encoder 3
(train "$work/parts")

for other in again parts; do
    for file in "$work/whole/runs/bits/checkpoints"/*; do
        cmp "$file" "$work/$other/runs/bits/checkpoints/${file##*/}"
    done
done
# Metrics too, but for times.
for folder in whole again parts; do
    sed -E 's/"(seconds|views_per_second|knn_seconds)":[^,}]*,?//g; s/,}/}/' \
        "$work/$folder/runs/bits/metrics.jsonl" >"$work/$folder/metrics"
done
cmp "$work/whole/metrics" "$work/again/metrics"
cmp "$work/whole/metrics" "$work/parts/metrics"
