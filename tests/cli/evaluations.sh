# evaluations.sh - linear layers, fine-tuning and retrieval of a run; other data sets; what the
# run's evaluations.jsonl keeps; what is refused. $SCORECL is the program.
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
linear: { epochs: 4, batch: 32 }
finetune: { epochs: 2, batch: 32 }
END

works train "$TMP/small.yaml"
folder="$TMP/runs/small"
checkpoint="$folder/checkpoints/encoder-00000002.safetensors"
stored="$folder/evaluations.jsonl"
[ ! -e "$stored" ] || fail "training has stored an evaluation"

# twice ARGUMENT...: equal lines on stdout and in the run's file.
twice()
{
    works "$@"
    cp "$TMP/out" "$TMP/first"
    works "$@"
    cmp -s "$TMP/first" "$TMP/out" || fail "$*: differs: $(diff "$TMP/first" "$TMP/out")"
    expect "$(tail -1 "$stored")" "$(tail -2 "$stored" | head -1)" "second line of $*"
}

# keeps PATTERN...: parts of the last stored line.
keeps()
{
    for part; do
        tail -1 "$stored" | grep -q -- "$part" || fail "no '$part' in: $(tail -1 "$stored")"
    done
}

# Each kind: the same bits twice, and every number that defines it.
twice eval linear "$folder"
printed '^accuracy [0-9.]* %$'
printed '^top-5    [0-9.]* %$'
printed '^protocol: linear layer on frozen features, adam, lr 0.01 to 1e-06 over 4 epochs, weight decay 5e-06, batches of 32, after the last epoch$'
printed '^trained on: 70 images of train; tested on: 30 of test$'
printed '^features: backbone, 64-d, eval mode, no augmentation$'
printed "^weights: $checkpoint, step 2\$"
keeps '^{"kind":"linear","accuracy":' '"top5":' '"protocol":"ht"' '"encoder":"frozen"' \
    '"optimizer":"adam","lr":0.01,"schedule":"exponential","lr_end":' '"weight_decay":5e-06' \
    '"epochs":4,"batch":32,"classes":10' '"bank":{"split":"train","images":70}' \
    '"query":{"split":"test","images":30}' '"data":{"kind":"synthetic",.*"train_size":70,"test_size":30,"seed":1,"validation":0}' \
    '"dim":64' '"mean":\[0.4914,' "\"weights\":\"$checkpoint\",\"step\":2,\"seed\":1" '"device":"' '}$'

twice eval linear "$folder" --protocol sl
printed '^protocol: linear layer on a frozen encoder, random crops and flips, sgd with momentum 0.9, lr 1, times 0.1 from epochs 3 and 4 of 4, weight decay 0, batches of 32, after the last epoch$'
keeps '"protocol":"sl"' '"trained_on":"crops of 0.08 to 1 and 3/4 to 4/3, flips of 0.5"' \
    '"optimizer":"sgd","lr":1,"schedule":"drops","drop_factor":0.1,"drop_epochs":\[3,4\]' \
    '"momentum":0.9,"nesterov":false'

twice eval finetune "$folder" --labels 10
printed '^trained on: 10 % of each class, 10 of the 70 images of train; tested on: 30 of test$'
keeps '"kind":"finetune"' '"encoder":"trained"' '"lr":0.1,"lr_encoder":0.01' '"batch":10' \
    '"bank":{"split":"train","images":10},"labels_percent":10'

twice eval retrieval "$folder"
printed '^recall at 1  *[0-9.]* %$'
printed '^recall at 10  *[0-9.]* %$'
printed '^mAP  *[0-9.]* %$'
printed 'gallery: 70 images of train, queries: 30 of test$'
keeps '"kind":"retrieval","recall_at_1":' '"recall_at_10":' '"mean_average_precision":' \
    '"metric":"cosine"'

works eval knn "$folder"
keeps '"kind":"knn"' '"k":5'
works eval measures "$folder"
keeps '"kind":"measures"' '"effective_rank":'
expect 10 "$(wc -l <"$stored")" "lines of evaluations.jsonl"

# --json is the object that is stored.
works eval knn "$folder" --json
expect "$(tail -1 "$stored" | tr -d ' ')" "$(tr -d ' \n\t' <"$TMP/out")" "--json"

# Baselines, as k-NN has them.
works eval linear "$folder" --untrained --json
printed '"weights":	"initial"'
works eval linear "$folder" --pixels
printed '^features: pixels in \[0, 1\], 3072-d, no augmentation$'
works eval linear "$folder" --pixels --protocol sl
works eval retrieval "$folder" --pixels
works eval finetune "$folder" --untrained --labels 100
printed '^trained on: 100 % of each class, 70 of the 70 images of train'

# Another data set than the run's: another seed, and a folder.
for kind in knn linear retrieval measures finetune 'linear --protocol sl'; do
    # shellcheck disable=SC2086 # a kind and its options
    works eval $kind "$folder" --set data.seed=2
    keeps '"data":{"kind":"synthetic",[^}]*"seed":2,'
done
works data synth "$TMP/shapes" --train 40 --test 20
for kind in knn linear retrieval measures finetune 'linear --protocol sl'; do
    # shellcheck disable=SC2086
    works eval $kind "$folder" --set data.kind=image_folder --set "data.root=$TMP/shapes"
    keeps "\"data\":{\"kind\":\"image_folder\",\"root\":\"$TMP/shapes\"," \
        '"query":{"split":"test","images":20}'
done
works eval linear "$folder" --set data.validation=30 --split validation
keeps '"bank":{"split":"train","images":40}' '"query":{"split":"validation","images":30}' \
    '"data":{[^}]*"seed":1,"validation":30}'

# A region of the image.
works eval linear "$folder" --set augment.size=24 --set eval.resize=28
printed '^features: backbone, 64-d, eval mode, shorter side to 28, central 24 x 24, no augmentation$'
keeps '"crop":"shorter side to 28, central 24 x 24","interpolation":"bicubic","size":24'

# A configuration has no folder to store in.
lines=$(wc -l <"$stored")
works eval linear "$TMP/small.yaml" --checkpoint "$checkpoint"
expect "$lines" "$(wc -l <"$stored")" "lines after an evaluation of a configuration"

# Refused before any work: one line, 2, and nothing stored.
refused 2 "eval: --protocol: found 'weighted', wanted ht or sl" \
    eval linear "$folder" --protocol weighted
refused 2 "eval: --protocol: found 'ht', and retrieval has but one" \
    eval retrieval "$folder" --protocol ht
refused 2 "eval: --labels: found '5', wanted 1, 10 or 100" eval finetune "$folder" --labels 5
refused 2 "eval: --labels: found '10', and linear takes all there are" \
    eval linear "$folder" --labels 10
refused 2 "eval: finetune --pixels: there is no encoder to train" eval finetune "$folder" --pixels
refused 2 "eval: linear on the split train would be asked what it was told: wanted a folder \
'test', or --split validation" eval linear "$folder" --split train
refused 2 "--set eval.resize=16: found 16, wanted 0, or at least augment.size, which is 32" \
    eval linear "$folder" --set eval.resize=16
refused 2 "eval: k is 71, more than the 70 images of the bank" eval knn "$folder" --set eval.k=71
for kind in knn linear retrieval measures finetune; do
    refused 2 "$checkpoint: encoder.conv1.weight has another shape there than this \
configuration's [16, 3, 3, 3]" eval $kind "$folder" --set encoder.width=16
done
mkdir "$TMP/flat"
cp "$TMP"/shapes/train/disc/*.png "$TMP/flat"
refused 2 "eval: retrieval needs labels, and the images of the split train have none" \
    eval retrieval "$folder" --set data.kind=image_folder --set "data.root=$TMP/flat"
expect "$lines" "$(wc -l <"$stored")" "lines after what was refused"

# A folder that takes no line: the answer, then one line and 1.
rm "$stored"
mkdir "$stored"
run eval knn "$folder"
expect 1 "$code" "exit code where nothing can be stored"
printed '^accuracy [0-9.]* %$'
case $(tail -1 "$TMP/err") in
"scorecl: $stored: cannot be written: "*) ;;
*) fail "what was said: $(tail -1 "$TMP/err")" ;;
esac
rmdir "$stored"

# A full disk leaves whole lines.
if [ -e /dev/full ]; then
    ln -s /dev/full "$stored"
    run eval knn "$folder"
    expect 1 "$code" "exit code on a full disk"
    printed '^accuracy [0-9.]* %$'
fi
finish
