# memory.sh - a batch that does not fit is refused, and trains with the keys that need less.
# $SCORECL is the program.
. tests/cli/check.inc

cat >"$TMP/large.yaml" <<EOF
name: large
runs: $TMP/runs
data: { kind: synthetic, train_size: 128, test_size: 32 }
encoder: { width: 8 }
head: { hidden: 32, out: 8 }
method: { kind: simclr }
train: { batch: 64, steps: 2, log_every: 1, micro_batch: 8 }
eval: { knn_every: 0 }
EOF

# workspace WORDS: MiB behind these words of the plan.
workspace()
{
    sed -n "s/^# encoder$1: .*workspace \([0-9]*\)\..*/\1/p" "$TMP/out"
}

works plan "$TMP/large.yaml"
pieces=$(workspace "")
whole=$(workspace ", with train.micro_batch=0")
both=$(workspace ", with train.recompute=9")
halves=$(workspace ", with precision=storage16")
[ $((3 * pieces)) -lt "$whole" ] || fail "pieces of 8 need $pieces MiB, the batch of 64 $whole"
[ "$halves" -lt "$pieces" ] || fail "pieces with halves need $halves MiB, others $pieces"
[ "$both" -lt "$pieces" ] || fail "recomputed pieces need $both MiB, others $pieces"

memory=$((2 * pieces * 1048576))
refused_like 2 "the plan needs * MiB, and the device has *" \
    train "$TMP/large.yaml" --set memory_bytes=$memory --set train.micro_batch=0
[ ! -e "$TMP/runs/large" ] || fail "a refused run has left a folder"
works train "$TMP/large.yaml" --set memory_bytes=$memory
expect 2 "$(grep -c '"loss":[0-9]' "$TMP/runs/large/metrics.jsonl")" "steps of a batch in pieces"
works train "$TMP/large.yaml" --set name=halves --set precision=storage16
expect 2 "$(grep -c '"loss":[0-9]' "$TMP/runs/halves/metrics.jsonl")" "steps with halves"
refused_like 2 "*precision=fp16: found fp16, wanted one of fp32, storage16, tf32" \
    train "$TMP/large.yaml" --set precision=fp16
finish
