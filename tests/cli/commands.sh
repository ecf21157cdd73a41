# commands.sh - what the commands that train nothing print. $SCORECL is the program.
. tests/cli/check.inc

works --version
printed '^scorecl [0-9]'
works --help
# shellcheck disable=SC2013 # names of commands are words
for command in $(sed -n 's/^    \([a-z]*\) .*/\1/p' "$TMP/out"); do
    works "$command" --help
    printed "^usage: scorecl $command"
    printed "^example: scorecl $command"
done

works devices
printed '^key  *type  *units  *memory  *largest  *profile  *tuning  *device'
expect 1 "$(grep -c '^key  *type' "$TMP/out")" "lines of titles"
works devices --measure
printed '^key  *GFLOP/s  *copy GB/s  *launch us  *write GB/s  *read GB/s  *measured$'
grep 'T.*Z$' "$TMP/out" >"$TMP/first"
works devices
expect "$(cat "$TMP/first")" "$(grep 'T.*Z$' "$TMP/out")" "limits that were kept"
works devices --json
printed '"key":'
printed '"peak_gflops":	[0-9]'

# A driver of which bad is known, in a tree of its own.
mkdir "$TMP/tree"
cp -r backends cl_kernels "$TMP/tree"
echo '* | any | * | * | it is said to be slow | try another' >>"$TMP/tree/backends/drivers.txt"
SCL_SOURCE_DIR=$TMP/tree
export SCL_SOURCE_DIR
works devices
printed '^warning: .*: it is said to be slow: try another$'
works devices --json
printed '"it is said to be slow: try another"'
unset SCL_SOURCE_DIR

# data: the built-in images as files are the built-in images.
works data synth "$TMP/shapes" --train 40 --test 20 --seed 3
printed "^$TMP/shapes: 40 images to train, 20 to test\$"
works data info "$TMP/shapes"
printed '^train  *40 images,  *10 classes, 32 x 32 pixels$'
printed '^test  *20 images,  *10 classes, 32 x 32 pixels$'
works data info "$TMP/shapes" --json
printed '"images":	40'
refused_like 2 "$TMP/shapes*" data synth "$TMP/shapes"
works data info configs/quickstart/simclr.yaml --set data.validation=500
printed '^train  *4500 images'
printed '^validation  *500 images'
printf '%s\n' '# two' star disc >"$TMP/list"
works data info configs/quickstart/simclr.yaml --set data.kind=image_folder \
    --set "data.root=$TMP/shapes" --set "data.classes=$TMP/list"
printed '^train  *8 images,  *2 classes, 32 x 32 pixels$'
echo cube >>"$TMP/list"
refused 2 "$TMP/list:4: class 'cube' has no folder $TMP/shapes/train/cube" \
    data info configs/quickstart/simclr.yaml --set data.kind=image_folder \
    --set "data.root=$TMP/shapes" --set "data.classes=$TMP/list"
damaged=$(find "$TMP/shapes/train" -name '*.png' | sort | head -1)
head -c 100 "$damaged" >"$TMP/half"
cp "$TMP/half" "$damaged"
refused_like 2 "$damaged: *" data info configs/quickstart/simclr.yaml \
    --set data.kind=image_folder --set "data.root=$TMP/shapes"

# data: CIFAR-100, of which any bytes are images; all of class 0 here.
mkdir "$TMP/cifar-100-binary"
truncate -s 153700000 "$TMP/cifar-100-binary/train.bin"
truncate -s 30740000 "$TMP/cifar-100-binary/test.bin"
works data info "$TMP"
printed '^train  *50000 images,  *100 classes, 32 x 32 pixels$'
printed '^test  *10000 images,  *100 classes, 32 x 32 pixels$'
works data info configs/quickstart/simclr.yaml --set data.kind=cifar100 --set "data.root=$TMP" \
    --set data.labels=coarse
printed '^train  *50000 images,  *20 classes, 32 x 32 pixels$'

# verify: a case that holds, one that does not, one that is damaged, none at all.
case=$(find tests/cases/add -name '*.safetensors' | sort | head -1)
works verify "$case"
printed "^PASS add $case plan abs [0-9.e-]* rel [0-9.e-]* [a-z]"
printed '^cases 1 held 1 failed 0$'
works verify --all-candidates "$case" "$case"
printed "^PASS add $case add=span.vec "
printed "^PASS add $case add=span.tile "
printed '^cases 2 held 2 failed 0$'
works verify --json "$case"
printed '"held":	1,'

mkdir "$TMP/cases" "$TMP/empty"
head -c 50 "$case" >"$TMP/cases/damaged.safetensors"
sed 's/"op":"add"/"op":"dad"/' "$case" >"$TMP/cases/unknown.safetensors"
cp "$case" "$TMP/cases/whole.safetensors"
run verify "$TMP/cases"
expect 1 "$code" "exit code of cases that fail"
printed "^FAIL ? $TMP/cases/damaged.safetensors plan $TMP/cases/damaged.safetensors: "
printed "^FAIL dad .*there is no operation 'dad'\$"
printed '^PASS add '
printed '^cases 3 held 1 failed 2$'
run verify "$TMP/empty"
expect 1 "$code" "exit code of no case"
printed '^cases 0 held 0 failed 0$'
run verify "builtin:tests/cases/absent.safetensors"
expect 1 "$code" "exit code of a built-in case that is not there"
works verify "builtin:$case"
printed "^PASS add builtin:$case "

# plan: both phases, with totals, and the same bytes each time.
small="--set encoder.width=8 --set head.hidden=16 --set train.batch=16 --set score.width=8
--set score.batch=16"
# shellcheck disable=SC2086 # options are words
works plan configs/quickstart/scorecl-simclr.yaml $small
printed '^# score: [0-9]* steps of 16 images'
printed '^# encoder: [0-9]* steps of 16 images'
printed '^# encoder: [0-9.]* GFLOP a step, [0-9.]* MiB at its peak'
printed '^# encoder, with precision=storage16: [0-9.]* GFLOP a step, [0-9.]* MiB at its peak'
printed '^# encoder, with train.recompute=9: [0-9.]* GFLOP a step, [0-9.]* MiB at its peak'
printed '^# encoder: at least [0-9.]* s a step at the device.s measured [0-9]* GFLOP/s'
grep -v '^# .*: at least' "$TMP/out" >"$TMP/first" # what was measured differs each time
# shellcheck disable=SC2086
works plan configs/quickstart/scorecl-simclr.yaml $small
grep -v '^# .*: at least' "$TMP/out" | cmp -s - "$TMP/first" ||
    fail "plan printed other bytes the second time"

# shellcheck disable=SC2086
works plan configs/quickstart/scorecl-simclr.yaml $small --json
for choice in precision=storage16 train.recompute=9 train.recompute_norms=false; do
    printed "\"set\":.\"$choice\""
done
expect 5 "$(grep -c '"workspace_bytes":' "$TMP/out")" "phases and choices of the plan as JSON"

# Images that are not there yet are as they are published.
works plan configs/cifar100/byol.yaml --set data.root="$TMP/absent" --set encoder.width=4
printed "^# images: $TMP/absent is not there; planned for images of up to 32 by 32"
printed '^# encoder: 195000 steps of 256 images, 195 an epoch'
works plan configs/imagenet100/simsiam.yaml --set data.root="$TMP/absent" --set encoder.width=4
printed "^# images: $TMP/absent is not there; planned for images of up to 512 by 512"
printed '^# encoder: steps of 256 images; how many make an epoch is not known'

# A device that is not here: a run's device.txt describes it, and its memory is what counts.
cat >"$TMP/gpu.txt" <<END
platform  P
type      gpu
device    D
units     100
memory    85000000000
buffer    21250000000
group     1024
local     49152
END
works plan configs/imagenet100/wmse.yaml --facts "$TMP/gpu.txt" --set data.root="$TMP/absent"
printed '^# encoder: [0-9.]* GFLOP a step, [0-9.]* MiB at its peak'
sed -i 's/^memory .*/memory    8000000000/' "$TMP/gpu.txt"
refused_plan="scorecl: the plan needs [0-9.]* MiB, and the device has 7629.4 MiB"
run plan configs/imagenet100/wmse.yaml --facts "$TMP/gpu.txt" --set data.root="$TMP/absent"
expect 2 "$code" "exit code of a plan that does not fit"
grep -q "^$refused_plan" "$TMP/err" || fail "said of a plan that does not fit: $(cat "$TMP/err")"

# bench: a step's time, and a line for each operator or node.
# shellcheck disable=SC2086
works bench configs/quickstart/simclr.yaml $small --set data.train_size=64 --steps 1
printed '^limits  *[0-9.]* GFLOP/s fused multiply-add, [0-9.]* GB/s copy, [0-9.]* us a launch, measured '
printed '^step  *[0-9.]* s .* views/s'
printed '^ .* [a-z]*  *[0-9]*%  *11  conv2d_grad_w  *direct.vec$'
printed '^ .* [a-z]*  *[0-9]*%  *9  conv2d_grad_w  *winograd4.vec$'
printed '^conv2d_grad_w  *[a-z]*  *[#.]*  *[0-9.]* ms'
printed '^all  *[a-z]*  *[#.]*  *[0-9.]* ms'
expect "" "$(grep '^.\{101\}' "$TMP/out")" "lines of more than 100 columns"
# shellcheck disable=SC2086
works bench configs/quickstart/simclr.yaml $small --set data.train_size=64 --steps 1 --layers --json
printed '"views_per_second":'
printed '"node":	"encoder.layer1.0.conv2d_'
printed '"params":	"MR='
printed '"bound":	"memory"'
refused 2 "--steps is 0; 1 to 10000 is wanted" bench configs/quickstart/simclr.yaml --steps 0
finish
