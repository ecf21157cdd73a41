# folder.sh - run folders that cannot be made, cannot be used, or are somebody else's: one line, and
# nothing of theirs is touched. What binds root too: a file in a folder's place, /proc, a user
# without rights.
. tests/faults/train.inc

# What lies in $TMP/work, but for the lock.
names()
{
    (cd "$TMP/work" && find . ! -path ./runs/tiny/lock | sort)
}

# no WORDS [OPTION...]: refused before anything is trained.
no()
{
    words=$1
    shift
    names >"$TMP/before"
    train "$@"
    expect 2 "$code" "exit code with $*"
    said_once "$words" "$*"
    names | cmp -s - "$TMP/before" || fail "$words: left $(names | comm -13 "$TMP/before" -)"
}

fresh
echo words >"$TMP/work/file"
no "file: the folder cannot be created: File exists" --set runs=file
no "file: the folder cannot be created: File exists" --set runs=file/below
no "/proc/self/runs: the folder cannot be created: *" --set runs=/proc/self/runs
no "/dev/null: the folder cannot be created: File exists" --set runs=/dev/null
name=$(printf '%0250d' 0)
no "runs*: the folder cannot be created: File name too long" --set "runs=runs$name$name"
no "--set name=a/b: found \"a/b\", wanted letters, digits and . _ - with no dot first" \
    --set name=a/b
no "--set name=../up: found \"../up\", wanted letters, digits and . _ - with no dot first" \
    --set name=../up
no "--set name=*: found *, wanted text of at most 63 bytes" --set "name=$name"

# Of another program; of a run whose files are no files.
mkdir -p "$TMP/work/runs/tiny/data"
echo words >"$TMP/work/runs/tiny/thesis.tex"
no "runs/tiny: is no run folder: it has no config.yaml, but data"
rm -r "$TMP/work/runs"
mkdir "$TMP/work/runs"
echo words >"$TMP/work/runs/tiny"
no "runs/tiny: the folder cannot be created: File exists"

whole
for name in config.yaml device.txt tuning.txt plan.txt log.txt metrics.jsonl checkpoints; do
    fresh
    mkdir "$TMP/work/runs"
    cp -r "$TMP/whole" "$TMP/work/runs/tiny"
    rm -r "$TMP/work/runs/tiny/checkpoints/encoder-00000004.safetensors" \
        "${TMP:?}/work/runs/tiny/$name"
    if [ $name = checkpoints ]; then
        echo words >"$TMP/work/runs/tiny/$name"
    else
        mkdir "$TMP/work/runs/tiny/$name"
    fi
    no "runs/tiny/$name: *"
    [ $name = checkpoints ] || rmdir "$TMP/work/runs/tiny/$name"
    [ $name = checkpoints ] || mkfifo "$TMP/work/runs/tiny/$name"
    [ $name = device.txt ] || [ $name = plan.txt ] || [ $name = checkpoints ] ||
        no "runs/tiny/$name: *"
done

# A run folder that may be read only, for who has no rights here. Root becomes somebody else.
fresh
mkdir "$TMP/work/runs"
cp -r "$TMP/whole" "$TMP/work/runs/tiny"
rm "$TMP/work/runs/tiny/lock"
chmod 755 "$TMP" "$TMP/work"
mkdir -m 777 "$TMP/pocl"
chmod 555 "$TMP/work/runs/tiny"
if [ "$(id -u)" = 0 ]; then
    command -v setpriv >/dev/null || fail "setpriv is wanted to become another user"
    somebody="setpriv --reuid 65534 --regid 65534 --clear-groups"
    cp "$SCORECL" "$TMP/scorecl"
    SCORECL=$TMP/scorecl
else
    somebody=
fi
code=0
# shellcheck disable=SC2086 # a command and its options
(cd "$TMP/work" && exec $somebody env SCL_CACHE_DIR= POCL_CACHE_DIR="$TMP/pocl" "$SCORECL" train \
    "$TMP/tiny.yaml") >"$TMP/out" 2>"$TMP/err" || code=$?
expect 2 "$code" "exit code in a folder that may be read only"
said_once "runs/tiny/lock: cannot be created: Permission denied" "a folder that may be read only"
chmod 755 "$TMP/work/runs/tiny"
finish
