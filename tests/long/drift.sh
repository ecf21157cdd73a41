#!/bin/sh
# drift.sh [STEPS] - a long run of the smallest kind holds what it held at first: STEPS (2000)
# steps, with k-NN and checkpoints all along. The same run twice gives the same checkpoints, and the
# same metrics but for times. $SCORECL is the program, by its whole path.
#
# The process is looked at all the time; what counts is the least that is seen in each eighth of the
# steps, for a k-NN has threads and a checkpoint a file and memory of their own while they last.
# Open files and threads are as many in the last as in the second eighth, when all that stays has
# been started. Resident memory grows by no more than 1 MiB: the allocator's own spread (blocks of
# several threads, freed in another order than taken) does not depend on the number of steps, and a
# step that forgot 700 bytes would be found.
set -eu
. tests/cli/tiny.inc

steps=${1-2000} allowed_kib=1024
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# train FOLDER: the score network's ten steps, then the encoder's
train()
{
    tiny "$1" --set train.steps="$steps" --set train.checkpoint_every=$((steps / 16)) \
        --set train.log_every=$((steps / 64)) --set eval.knn_every=$((steps / 96 + 1))
}

# encoder_step: the last step of the encoder that is logged, or 0
encoder_step()
{
    step=$(sed -n '/"encoder"/s/.*"step":\([0-9]*\).*/\1/p' \
        "$work/first/runs/tiny/metrics.jsonl" 2>/dev/null | tail -n 1)
    echo "${step:-0}"
}

# count FOLDER: what is in it
count()
{
    find "$1" -mindepth 1 -maxdepth 1 | wc -l
}

# look: step, resident KiB, open files, threads
look()
{
    echo "$(encoder_step) $(sed -n 's/^VmRSS:[^0-9]*\([0-9]*\).*/\1/p' /proc/$child/status)" \
        "$(count /proc/$child/fd) $(count /proc/$child/task)"
}

mkdir "$work/first" "$work/second"
(train "$work/first") &
child=$!
while kill -0 $child 2>/dev/null; do
    look >>"$work/seen" 2>/dev/null || true
    sleep 0.1
done
wait $child || {
    echo "the run ended with $?: $(tail -n 3 "$work/first/log")"
    exit 1
}
(train "$work/second")

awk -v steps="$steps" -v allowed=$allowed_kib '
    function least(seen, value) { return seen == "" || value < seen ? value : seen }
    NF == 4 {
        part = int($1 * 8 / steps)
        kib[part] = least(kib[part], $2)
        files[part] = least(files[part], $3)
        threads[part] = least(threads[part], $4)
    }
    END {
        for (part = 1; part < 8; part++)
            print part "/8: " kib[part] " KiB, " files[part] " files, " threads[part] " threads"
        bad = kib[1] == "" || kib[7] == "" || kib[7] > kib[1] + allowed
        exit bad || files[7] != files[1] || threads[7] != threads[1]
    }' "$work/seen" || {
    echo "the process is not what it was: more than $allowed_kib KiB, a file or a thread"
    exit 1
}
for file in "$work/first/runs/tiny/checkpoints"/*; do
    cmp "$file" "$work/second/runs/tiny/checkpoints/${file##*/}"
done
metrics "$work/first/runs/tiny" >"$work/a"
metrics "$work/second/runs/tiny" >"$work/b"
cmp "$work/a" "$work/b"
