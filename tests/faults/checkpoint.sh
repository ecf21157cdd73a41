# checkpoint.sh - a run whose newest checkpoint is damaged: training and evaluation refuse it by
# name, offer the one before, remove nothing; without it the run ends in the same bits.
. tests/faults/train.inc

# refuses WORDS WHAT: the run in $TMP/work cannot go on, and is as it was.
refuses()
{
    cp -r "$TMP/work/runs/tiny" "$TMP/before"
    train
    expect 2 "$code" "exit code, $2"
    said_once "$1" "$2"
    for folder in before work/runs/tiny; do
        (cd "$TMP/$folder" && find . -type f ! -name lock ! -name log.txt -exec cksum {} + | sort) \
            >"$TMP/sums.${folder%%/*}"
    done
    cmp -s "$TMP/sums.before" "$TMP/sums.work" ||
        fail "$2: changed: $(diff "$TMP/sums.before" "$TMP/sums.work")"
    rm -rf "$TMP/before"
}

restart()
{
    fresh
    mkdir "$TMP/work/runs"
    cp -r "$TMP/whole" "$TMP/work/runs/tiny"
}

whole
names=runs/tiny/checkpoints/encoder
newest=$TMP/work/$names-00000004.safetensors
offer="; $names-00000002.safetensors is whole: remove the damaged file to go on from there"
size=$(wc -c <"$TMP/whole/checkpoints/encoder-00000004.safetensors")

restart
for part in 0 1 8 15; do
    head -c $((size * part / 16)) "$TMP/whole/checkpoints/encoder-00000004.safetensors" >"$newest"
    refuses "$names-00000004.safetensors: *$offer" "$part sixteenths of the newest checkpoint"
done
cp "$TMP/whole/checkpoints/encoder-00000004.safetensors" "$newest"
printf 'X' | dd of="$newest" bs=1 seek=$((size - 5)) conv=notrunc 2>"$TMP/dd"
refuses "$names-00000004.safetensors: is damaged: found the hash *$offer" "an altered byte"
code=0
"$SCORECL" eval knn "$TMP/work/runs/tiny" >"$TMP/out" 2>"$TMP/err" || code=$?
expect 2 "$code" "exit code of an evaluation"
said_once "*encoder-00000004.safetensors: is damaged: *encoder-00000002.safetensors is whole*" eval
rm "$newest"
goes_on "a damaged checkpoint that was removed"

# None is whole: the run does not begin anew by itself.
for file in "$TMP"/work/runs/tiny/checkpoints/*; do
    : >"$file"
done
refuses "$names-00000004.safetensors: *; there is no older whole one" "no whole checkpoint"

# One of another run, of another step, of another program.
restart
mkdir "$TMP/other"
(cd "$TMP/other" && exec "$SCORECL" train "$TMP/tiny.yaml" --set seed=7 --set train.steps=2) \
    >"$TMP/out" 2>"$TMP/err" || fail "the other run: $(tail -1 "$TMP/err")"
rm "$newest"
cp "$TMP/other/$names-00000002.safetensors" "$TMP/work/$names-00000002.safetensors"
refuses "$names-00000002.safetensors: cannot go on under another configuration: seed was 7 and is \
1, train.steps was 2 and is 4; *" "a checkpoint of another run"
cp "$TMP/whole/checkpoints/encoder-00000002.safetensors" "$newest"
refuses "$names-00000004.safetensors: metadata: found encoder step 2, wanted what the file's name \
says*" "a checkpoint of another step"
cp tests/cases/relu/one.safetensors "$newest"
refuses "$names-00000004.safetensors: its format is 'scorecl-case/1', not 'scorecl-checkpoint/1'*" \
    "a file of another kind"
rm "$newest"
mkdir "$newest"
refuses "$names-00000004.safetensors: is a folder, not a file*" "a folder"
rmdir "$newest"
mkfifo "$newest"
refuses "$names-00000004.safetensors: is a device, a pipe or a socket, not a file*" "a pipe"
finish
