# eval.sh - nearest neighbours and measures of runs, first weights and pixels; what is refused.
# $SCORECL is the program.
. tests/cli/check.inc

cat >"$TMP/small.yaml" <<END
name: small
runs: $TMP/runs
data: { kind: synthetic, train_size: 70, test_size: 30 }
encoder: { width: 8 }
head: { hidden: 16, out: 8 }
method: { kind: simclr }
train: { batch: 32, epochs: 1 }
eval: { batch: 16 }
END

# What training says of its last epoch is what eval says of its checkpoint.
works train "$TMP/small.yaml"
said_then=$(sed -n 's/.*epoch 1: 5-NN //p' "$TMP/runs/small/log.txt")
works eval knn "$TMP/runs/small"
expect "accuracy $said_then" "$(head -1 "$TMP/out")" "accuracy of the run"
printed '^protocol: 5-NN, euclidean distance, majority vote, ties to the smallest label; bank: 70 images of train, queries: 30 of test$'
printed '^features: backbone, 64-d, eval mode, no augmentation$'
printed "^weights: $TMP/runs/small/checkpoints/encoder-00000002.safetensors, step 2\$"
cp "$TMP/out" "$TMP/newest"
works eval knn "$TMP/small.yaml" \
    --checkpoint "$TMP/runs/small/checkpoints/encoder-00000002.safetensors"
cmp -s "$TMP/newest" "$TMP/out" || fail "--checkpoint differs: $(diff "$TMP/newest" "$TMP/out")"

works eval knn "$TMP/small.yaml" --untrained --protocol weighted --set eval.knn_k=20 --json
for line in '"accuracy":' '"protocol":	"weighted"' '"k":	20' '"metric":	"cosine"' \
    '"vote":	"exp"' '"temperature":	0.1,' '"weights":	"initial"' '"dim":	64'; do
    printed "$line"
done
works eval knn "$TMP/small.yaml" --untrained --set data.validation=10 --split validation
printed 'bank: 60 images of train, queries: 10 of validation$'
works eval knn "$TMP/small.yaml" --pixels
printed '^features: pixels in \[0, 1\], 3072-d, no augmentation$'

works eval measures "$TMP/runs/small"
for measure in spread alignment uniformity 'effective rank'; do
    printed "^$measure  *-\{0,1\}[0-9]"
done
printed '^measured on: 30 images of test; '
works eval measures "$TMP/runs/small" --split train --json
printed '"effective_rank":	[0-9]'

# Images of many sizes, without labels and without a split to test on.
works data synth "$TMP/shapes" --train 20 --test 10
mkdir "$TMP/flat"
i=0
for image in "$TMP"/shapes/train/*/*.png; do
    i=$((i + 1))
    cp "$image" "$TMP/flat/$i.png"
done
flat="--set data.kind=image_folder --set data.root=$TMP/flat --set augment.size=24"
works eval knn "$TMP/small.yaml" --untrained $flat
printed '^measured on: 20 images of train; '
printed '^features: backbone, 64-d, eval mode, largest central square at 24 x 24, no augmentation$'

refused 2 "eval: found 'nn', wanted knn, linear, finetune, retrieval or measures" \
    eval nn "$TMP/small.yaml"
refused 2 "eval: $TMP/nowhere: there is no such file or folder" eval knn "$TMP/nowhere"
refused 2 "eval: $TMP/small.yaml is no run folder; to evaluate a configuration, say --untrained, \
--pixels or --checkpoint FILE" eval knn "$TMP/small.yaml"
refused 2 "eval: $TMP/flat has no config.yaml, so it is no run folder" eval knn "$TMP/flat"
refused 2 "eval: --protocol: found '5', wanted ht or weighted" \
    eval knn "$TMP/small.yaml" --pixels --protocol 5
refused 2 "eval: k is 71, more than the 70 images of the bank" \
    eval knn "$TMP/small.yaml" --pixels --set eval.k=71
refused 2 "$TMP/runs/small/checkpoints/encoder-00000002.safetensors: encoder.conv1.weight has \
another shape there than this configuration's [16, 3, 3, 3]" \
    eval knn "$TMP/runs/small" --set encoder.width=16
finish
