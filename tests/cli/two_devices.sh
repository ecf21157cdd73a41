# two_devices.sh - two devices of one kind have keys of their own, give the same bits, and a run
# that was begun on one goes on, on the other, to the same bits. PoCL shows the processor twice.
. tests/cli/check.inc
. tests/cli/tiny.inc
export POCL_DEVICES='pthread pthread'

works devices
key=$(sed -n 's/^\([^ ]*\)#1 .*/\1/p' "$TMP/out" | head -n 1)
[ -n "$key" ] || fail "no second device: $(cat "$TMP/out")"
printed "^$key "

# train FOLDER DEVICE [ARGUMENT...]
train()
{
    mkdir -p "$TMP/$1"
    shown=$1
    (
        device=$2
        shift 2
        tiny "$TMP/$shown" --device "$device" "$@"
    ) || fail "$shown: exit code $?, and said: $(tail -n 3 "$TMP/$shown/log")"
}

# same FOLDER: states and metrics are those of the first device
same()
{
    for name in score-00000010 encoder-00000010; do
        for run in first "$1"; do
            states "$TMP/$run/runs/tiny/checkpoints/$name.safetensors" >"$TMP/$run.states"
        done
        cmp "$TMP/first.states" "$TMP/$1.states" || fail "$1: $name"
    done
    metrics "$TMP/first/runs/tiny" >"$TMP/a"
    metrics "$TMP/$1/runs/tiny" >"$TMP/b"
    cmp -s "$TMP/a" "$TMP/b" || fail "$1: $(diff "$TMP/a" "$TMP/b")"
}

train first "$key" --set train.checkpoint_every=5
train second "$key#1"
same second

# The folder as the first device left it in the middle of the encoder's steps.
cp -r "$TMP/first" "$TMP/moved"
rm "$TMP/moved/runs/tiny/checkpoints/encoder-00000010.safetensors"
train moved "$key#1"
grep -q 'goes on from .*/encoder-00000005.safetensors$' "$TMP/moved/runs/tiny/log.txt" ||
    fail "did not go on: $(cat "$TMP/moved/runs/tiny/log.txt")"
! grep 'do not repeat' "$TMP/moved/runs/tiny/log.txt" || fail "two devices of one kind differ"
same moved

# A key that is not there is refused with those that are.
refused 2 "there is no device '$key#2'; there are: $key, $key#1" \
    train "$tiny_config" --device "$key#2"
finish
