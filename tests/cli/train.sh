# train.sh - a run resumed is the run uninterrupted; a signal stops it whole; one process a
# folder. $SCORECL is the program.
. tests/cli/check.inc
. tests/cli/tiny.inc

cat >"$TMP/small.yaml" <<END
name: small
runs: $TMP/runs
data: { kind: synthetic, train_size: 64, test_size: 32 }
encoder: { width: 8 }
head: { hidden: 16, out: 8 }
method: { kind: simclr }
weight: { kind: score_norm }
score: { width: 8, steps: 4, batch: 16 }
schedule: { warmup_steps: 2 }
train: { batch: 16, steps: 6, log_every: 1, checkpoint_every: 2, keep: 10 }
eval: { knn_every: 1, batch: 16 }
END

works train "$TMP/small.yaml"
mv "$TMP/runs/small" "$TMP/whole"
for file in config.yaml device.txt tuning.txt plan.txt log.txt metrics.jsonl; do
    [ -s "$TMP/whole/$file" ] || fail "the run has no $file"
done
expect 4 "$(grep -c '"phase":"score"' "$TMP/whole/metrics.jsonl")" "lines of the score network"
expect 6 "$(grep -c '"loss":[0-9].*"weight_mean"' "$TMP/whole/metrics.jsonl")" "lines of the encoder"

# From step 2 of the score network, and from step 4 of the encoder: the same bits.
for left in score-00000002 encoder-00000004; do
    mkdir -p "$TMP/runs"
    cp -r "$TMP/whole" "$TMP/runs/small"
    rm "$TMP/runs/small/checkpoints/encoder-00000006.safetensors"
    [ $left = encoder-00000004 ] || rm "$TMP"/runs/small/checkpoints/encoder-* \
        "$TMP/runs/small/checkpoints/score-00000004.safetensors"
    works train "$TMP/small.yaml"
    metrics "$TMP/whole" >"$TMP/a"
    metrics "$TMP/runs/small" >"$TMP/b"
    cmp -s "$TMP/a" "$TMP/b" || fail "resumed from $left: $(diff "$TMP/a" "$TMP/b")"
    for name in score-00000004 encoder-00000006; do
        cmp "$TMP/whole/checkpoints/$name.safetensors" \
            "$TMP/runs/small/checkpoints/$name.safetensors" || fail "resumed from $left: $name"
    done
    rm -rf "$TMP/runs"
done

# A score network that is named gives what it gives when it has just been trained: nothing of its
# training is left in the encoder's (each optimiser counts its own steps).
works train "$TMP/small.yaml" --set \
    "score.checkpoint=$TMP/whole/checkpoints/score-00000004.safetensors"
metrics "$TMP/whole" | grep '"phase":"encoder"' >"$TMP/a"
metrics "$TMP/runs/small" | grep '"phase":"encoder"' >"$TMP/b"
cmp -s "$TMP/a" "$TMP/b" || fail "a named score network: $(diff "$TMP/a" "$TMP/b")"
rm -rf "$TMP/runs"

# Another configuration is refused, and changes nothing.
mkdir -p "$TMP/runs"
cp -r "$TMP/whole" "$TMP/runs/small"
refused 2 "$TMP/runs/small: cannot go on under another configuration: seed was 1 and is 7, \
weight.kind was score_norm and is pixel_l2, optim.lr was 0.003 and is 0.5; give the run another \
name, or its own config.yaml" train "$TMP/small.yaml" --set seed=7 --set weight.kind=pixel_l2 \
    --set optim.lr=0.5 --set train.keep=5
cmp -s "$TMP/whole/config.yaml" "$TMP/runs/small/config.yaml" || fail "config.yaml has changed"

# But for keys that change no bit of it: they are taken over, and the run goes on.
rm "$TMP/runs/small/checkpoints/encoder-00000006.safetensors"
works train "$TMP/small.yaml" --set train.keep=5 --set data.threads=2 --set eval.batch=8
grep -q 'goes on from .*/encoder-00000004.safetensors$' "$TMP/runs/small/log.txt" ||
    fail "did not go on: $(cat "$TMP/runs/small/log.txt")"
grep -q '^  keep: 5$' "$TMP/runs/small/config.yaml" || fail "train.keep is not taken over"
states "$TMP/whole/checkpoints/encoder-00000006.safetensors" >"$TMP/a"
states "$TMP/runs/small/checkpoints/encoder-00000006.safetensors" >"$TMP/b"
cmp "$TMP/a" "$TMP/b" || fail "other keys of the data and of eval change the result"

# What a process that was killed has left is gone at the next start: temporary files, and more
# checkpoints than are kept.
touch "$TMP/runs/small/checkpoints/encoder-00000006.safetensors.tmp-$$-0" \
    "$TMP/runs/small/checkpoints/encoder-00000006.safetensors.tmp-999999999-0"
works train "$TMP/small.yaml" --set train.keep=1
expect "encoder-00000006.safetensors encoder-00000006.safetensors.tmp-$$-0 \
score-00000002.safetensors score-00000004.safetensors" \
    "$(ls "$TMP/runs/small/checkpoints" | tr '\n' ' ' | sed 's/ $//')" "what is kept"
rm -rf "$TMP/runs"

# A run that is at work keeps others out; SIGTERM stops it, saved, with 130.
"$SCORECL" train "$TMP/small.yaml" --set train.steps=1000000 --set eval.knn_every=0 \
    >"$TMP/out" 2>"$TMP/err.long" &
pid=$!
tries=0
until grep -qs '"phase":"encoder"' "$TMP/runs/small/metrics.jsonl" || [ $tries -ge 2000 ]; do
    tries=$((tries + 1))
    sleep 0.1
done
refused 2 "$TMP/runs/small: is in use by process $pid" \
    train "$TMP/small.yaml" --set train.steps=1000000
kill -TERM $pid
code=0
wait $pid || code=$?
expect 130 "$code" "exit code after SIGTERM"
step=$(sed -n 's/^scorecl: small: stopped and saved at encoder step \([0-9]*\) of 1000000$/\1/p' \
    "$TMP/err.long")
[ -n "$step" ] || fail "not said where it stopped: $(tail -3 "$TMP/err.long")"
[ -e "$TMP/runs/small/checkpoints/encoder-$(printf %08d "$step").safetensors" ] ||
    fail "no checkpoint of step $step: $(ls "$TMP/runs/small/checkpoints")"
finish
