# disk.sh - a disk that is full, read-only or broken, at each kind of write: the run stops and says
# so in one line with the file, the checkpoints before are whole, and when the disk is mended the
# same command ends in the bits of a training undisturbed. $FAULT_DISK is disk_shim.c.
. tests/faults/train.inc

# stops CODE WORDS WHAT: what a training that has failed leaves.
stops()
{
    expect "$1" "$code" "exit code, $3"
    said_once "$2" "$3"
    leaves_whole "$3"
    goes_on "$3"
}

# full CODE PART ROOM FILE: room for so many bytes in files whose path has that part.
full()
{
    fresh
    disturbed="LD_PRELOAD=$FAULT_DISK SCL_DISK_PATH=$2 SCL_DISK_ROOM=$3"
    train
    stops "$1" "runs/tiny/$4: cannot be written: No space left on device" \
        "no room beyond $3 bytes of $2"
}

# fault CODE PART CALL:N:ERRNO FILE WORDS
fault()
{
    fresh
    disturbed="LD_PRELOAD=$FAULT_DISK SCL_DISK_PATH=$2 SCL_DISK_FAULT=$3"
    train
    stops "$1" "$4: $5" "$3 of $2"
}

whole
size=$(wc -c <"$TMP/whole/checkpoints/encoder-00000002.safetensors")

# Before the first step: 2. After it: 1.
full 2 tiny/config.yaml 0 config.yaml
full 2 tiny/config.yaml 500 config.yaml
full 2 tiny/lock 0 lock
full 2 tiny/device.txt 100 device.txt
full 2 tiny/tuning.txt 1024 tuning.txt
full 2 tiny/plan.txt 4096 plan.txt
full 2 tiny/metrics.jsonl 100 metrics.jsonl
full 1 tiny/metrics.jsonl 900 metrics.jsonl
full 1 tiny/log.txt 10 log.txt
full 1 tiny/checkpoints 0 checkpoints/encoder-00000002.safetensors
full 1 tiny/checkpoints $((size + size / 2)) checkpoints/encoder-00000004.safetensors
[ "${SCL_FAULTS-}" = long ] && for part in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do
    full 1 tiny/checkpoints $((size * part / 16)) checkpoints/encoder-00000002.safetensors
done

# A place that takes no file, a flush or a rename that fails: 13 is EACCES, 30 EROFS, 5 EIO.
fault 2 runs mkdir:1:30 runs "the folder cannot be created: Read-only file system"
fault 2 tiny/lock open:1:30 runs/tiny/lock "cannot be created: Read-only file system"
fault 2 tiny/config.yaml open:1:13 runs/tiny/config.yaml "cannot be created: Permission denied"
fault 2 tiny/config.yaml fsync:1:5 runs/tiny/config.yaml "cannot be written: Input/output error"
fault 2 tiny/config.yaml rename:1:5 runs/tiny/config.yaml "cannot be replaced: Input/output error"
fault 2 tiny/checkpoints mkdir:1:13 runs/tiny/checkpoints "the folder cannot be created: Permission denied"
fault 2 tiny/log.txt open:1:13 runs/tiny/log.txt "cannot be written: Permission denied"
fault 2 tiny/tuning.txt open:1:13 runs/tiny/tuning.txt "cannot be created: Permission denied"
fault 2 tiny/plan.txt open:1:13 runs/tiny/plan.txt "cannot be created: Permission denied"
fault 2 tiny/metrics.jsonl open:2:13 runs/tiny/metrics.jsonl "cannot be written: Permission denied"
fault 1 tiny/checkpoints/ open:1:30 runs/tiny/checkpoints/encoder-00000002.safetensors \
    "cannot be created: Read-only file system"
fault 1 tiny/checkpoints/ fsync:2:5 runs/tiny/checkpoints/encoder-00000004.safetensors \
    "cannot be written: Input/output error"
fault 1 tiny/checkpoints/ rename:2:5 runs/tiny/checkpoints/encoder-00000004.safetensors \
    "cannot be replaced: Input/output error"

# The kernel cache can be done without: the run goes on, and to the same bits.
for environment in "SCL_DISK_ROOM=0" "SCL_DISK_ROOM=5000" "SCL_DISK_FAULT=mkdir:1:30" \
    "SCL_DISK_FAULT=open:1:13" "SCL_DISK_FAULT=rename:1:5" "SCL_DISK_FAULT=read:1:13"; do
    fresh
    disturbed="LD_PRELOAD=$FAULT_DISK SCL_CACHE_DIR=$TMP/cold SCL_DISK_PATH=/cold/kernels $environment"
    train
    expect 0 "$code" "exit code, the kernel cache with $environment: $(tail -1 "$TMP/err")"
    same "the kernel cache with $environment"
    expect "" "$(find "$TMP/cold" -name '*.tmp-*' 2>/dev/null)" "temporary files with $environment"
done

# A limit of the file size is no reason to die of a signal.
fresh
code=0
(ulimit -f $((size / 1024)) && cd "$TMP/work" && exec "$SCORECL" train "$TMP/tiny.yaml") \
    >"$TMP/out" 2>"$TMP/err" || code=$?
stops 1 "runs/tiny/checkpoints/encoder-00000002.safetensors: cannot be written: File too large" \
    "files of at most half a checkpoint"

# What an evaluation found is printed, or it is an error.
fresh
cp -r "$TMP/whole" "$TMP/work/tiny"
code=0
LD_PRELOAD=$FAULT_DISK SCL_DISK_PATH=evaluations.jsonl SCL_DISK_ROOM=20 "$SCORECL" \
    eval knn "$TMP/work/tiny" >"$TMP/out" 2>"$TMP/err" || code=$?
expect 1 "$code" "exit code of an evaluation without room"
said_once "$TMP/work/tiny/evaluations.jsonl: cannot be written: No space left on device" "eval"
[ ! -s "$TMP/work/tiny/evaluations.jsonl" ] || fail "half a line in evaluations.jsonl"
works eval knn "$TMP/work/tiny"
expect 1 "$(wc -l <"$TMP/work/tiny/evaluations.jsonl")" "lines of evaluations.jsonl"

# Images that do not fit: the folder that was asked for is not there.
code=0
(ulimit -f 1 && exec "$SCORECL" data synth "$TMP/shapes" --train 20 --test 10) \
    >"$TMP/out" 2>"$TMP/err" || code=$?
expect 2 "$code" "exit code of synth without room"
said_once "$TMP/shapes.partial/train/*.png: cannot be written: File too large" "synth"
[ ! -e "$TMP/shapes" ] || fail "half a data set"
finish
