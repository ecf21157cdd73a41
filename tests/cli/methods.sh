# methods.sh - methods with a network beside the encoder are resumed to the same bits; a collapse
# is named. $SCORECL is the program.
. tests/cli/check.inc

cat >"$TMP/small.yaml" <<EOF
name: small
runs: $TMP/runs
data: { kind: synthetic, train_size: 64, test_size: 32 }
augment: { size: 16 }
encoder: { width: 8 }
head: { hidden: 32, out: 8, predictor: 16, prototypes: 24 }
method: { kind: byol }
probe: { online: true }
schedule: { warmup_steps: 2 }
train: { batch: 16, steps: 6, log_every: 1, checkpoint_every: 4, keep: 10 }
eval: { knn_every: 1, batch: 16 }
EOF

# The metrics without what a clock says.
metrics()
{
    sed 's/,"\(seconds\|views_per_second\|knn_seconds\)":[^,}]*//g' "$1/metrics.jsonl"
}

# BYOL's average and its momentum, DINO's centre and W-MSE's permutations go on where they were.
for method in byol dino 'wmse --set method.whitening_size=16'; do
    # shellcheck disable=SC2086 # a method and its options
    set -- train "$TMP/small.yaml" --set method.kind=$method
    works "$@"
    mv "$TMP/runs/small" "$TMP/whole"
    expect 6 "$(grep -c '"embedding_sd":[0-9].*"probe_loss":[0-9]\|"probe_loss":[0-9].*"embedding_sd":[0-9]' \
        "$TMP/whole/metrics.jsonl")" "lines of the encoder of $method"
    grep -q '"probe_accuracy":[0-9]' "$TMP/whole/metrics.jsonl" || fail "$method: no probe"
    mkdir -p "$TMP/runs"
    cp -r "$TMP/whole" "$TMP/runs/small"
    rm "$TMP/runs/small/checkpoints/encoder-00000006.safetensors"
    works "$@"
    metrics "$TMP/whole" >"$TMP/a"
    metrics "$TMP/runs/small" >"$TMP/b"
    cmp -s "$TMP/a" "$TMP/b" || fail "$method resumed: $(diff "$TMP/a" "$TMP/b")"
    cmp "$TMP/whole/checkpoints/encoder-00000006.safetensors" \
        "$TMP/runs/small/checkpoints/encoder-00000006.safetensors" || fail "$method resumed"
    rm -rf "$TMP/whole" "$TMP/runs"
done

# One image again and again, never changed: the covariance of its embeddings is singular.
works data synth "$TMP/images" --train 10 --test 10
mkdir -p "$TMP/same"
one=$(find "$TMP/images/train" -name '*.png' | sort | head -1)
i=0
while [ $i -lt 32 ]; do
    cp "$one" "$TMP/same/$i.png"
    i=$((i + 1))
done
run train "$TMP/small.yaml" --set name=same --set method.kind=wmse \
    --set method.whitening_size=16 --set data.kind=image_folder --set data.root="$TMP/same" \
    --set probe.online=false --set augment.crop_scale=[1,1] --set augment.crop_ratio=[1,1] \
    --set augment.jitter=0 --set augment.grayscale=0 --set augment.flip=0
expect 1 "$code" "exit code of a collapse"
words="scorecl: encoder step 1: the embeddings have collapsed: the covariance of a slice of 16 of \
them is singular and cannot be whitened; last good checkpoint: none; a lower optim.lr, a larger \
method.whitening_size or a method.whitening_eps above 0 may help"
expect "$words" "$(tail -1 "$TMP/err")" "what was said of a collapse"

refused 2 "probe.online is true, and the data set has no labels" \
    train "$TMP/small.yaml" --set name=unlabelled --set data.kind=image_folder \
    --set data.root="$TMP/same"
[ ! -e "$TMP/runs/unlabelled" ] || fail "a refused run has left a folder"
finish
