#!/bin/sh
# interruptions.sh [COUNT] [SEED] - a run that is interrupted again and again, at any moment and by
# any signal, ends as one that is not: COUNT (200) interruptions by SIGINT, SIGTERM and SIGKILL,
# drawn from SEED (1). $SCORECL is the program, by its whole path.
#
# Compared with a run that nobody interrupts: the checkpoints by their bits and their names, so
# that no temporary file is left; the metrics but for times, so that no line is lost or there
# twice; what the log says of k-NN, and that each of its lines is whole; what `eval` finds then.
# Every tenth run begins with empty kernel caches. Ends with 1 at the first difference, and keeps
# the folder.
#
# SIGINT and SIGTERM go to the whole process group, as from a terminal (`set -m` would need one):
# setsid makes the group, and env takes back that a shell's background jobs ignore SIGINT.
set -eu
. tests/cli/tiny.inc

count=${1-200} seed=${2-1}
steps=30 # of each phase
work=$(mktemp -d)
export SCL_CACHE_DIR="$work/cache" POCL_CACHE_DIR="$work/pocl-cache"
UNDER='setsid env --default-signal=INT,TERM'

die()
{
    echo "FAIL: $*; see $work" >&2
    exit 1
}

clear_caches()
{
    rm -rf "$SCL_CACHE_DIR" "$POCL_CACHE_DIR"
    mkdir -p "$SCL_CACHE_DIR" "$POCL_CACHE_DIR"
}

# train FOLDER
train()
{
    tiny "$1" --set train.steps=$steps --set score.steps=$steps --set eval.knn_every=1 \
        --set train.checkpoint_every=3 --set train.keep=2
}

# summary FOLDER: what has to be the same, in FOLDER/summary
summary()
{
    "$SCORECL" eval knn "$1/runs/tiny" >"$1/eval" 2>&1 || die "eval: $(cat "$1/eval")"
    (
        cd "$1/runs/tiny"
        ls . checkpoints
        grep -v '^memory\|^buffer' device.txt # of PoCL: what happens to be free
        cksum config.yaml plan.txt checkpoints/*
        metrics .
        cat evaluations.jsonl
        sed -n 's/^[^ ]* \(epoch .*\)/\1/p' log.txt | sort -u
    ) | sed "s|$1|FOLDER|g" >"$1/summary"
}

# seconds COMMAND...: how long it takes
seconds()
{
    begin=$(date +%s%N)
    "$@" || die "the run without interruptions ended with $?: $(tail -n 3 "$work/whole/log")"
    awk "BEGIN { print ($(date +%s%N) - $begin) / 1e9 }"
}

train_whole()
{
    rm -rf "$work/whole"
    mkdir "$work/whole"
    (train "$work/whole")
}

# is_there PATTERN: whether a file is, by the shell alone, so that it takes no time
is_there()
{
    # shellcheck disable=SC2086 # a pattern
    set -- $1
    [ -e "$1" ]
}

# find_phase: where the run in $folder is now, for the table only; sets $phase
find_phase()
{
    metrics=$folder/runs/tiny/metrics.jsonl
    last=$(tail -n 1 "$metrics" 2>/dev/null || true)
    if [ -z "$(find "$metrics" -newer "$work/stamp" 2>/dev/null)" ]; then
        phase=start
    else
        case $last in
        *'"format"'* | *'"score","step":'$steps,*) phase=start ;; # of the score network, the encoder
        *'"score"'*) phase=score ;;
        *'"knn"'*) phase=encoder ;;
        *'"step":6,'* | *'"step":12,'* | *'"step":18,'* | *'"step":24,'* | *'"step":30,'*)
            phase=k-NN
            ;;
        *) phase=encoder ;;
        esac
    fi
}

# wait_for_file PHASE PATTERN: until the run writes a file, or its end; sets $phase
wait_for_file()
{
    phase=end
    while kill -0 $child 2>/dev/null; do
        is_there "$2" || continue
        phase=$1
        break
    done
}

# wait_for AIM SHARE: until the moment that was drawn; sets $phase
wait_for()
{
    if [ "$1" = 0 ] && [ "$span" = "$cold" ]; then
        wait_for_file cache "$SCL_CACHE_DIR/kernels/*.tmp-*"
        return
    fi
    sleep "$(awk "BEGIN { print $2 * $span }")"
    if [ "$1" = 1 ]; then
        wait_for_file checkpoint "$folder/runs/tiny/checkpoints/*.tmp-*"
    else
        find_phase
    fi
}

# check_end SIGNAL CODE: whether that is how a run may end after the signal
check_end()
{
    case $1$2 in
    INT0 | TERM0 | KILL0 | INT130 | TERM130 | KILL137) return ;;
    TERM143) [ -s "$folder/log" ] || return 0 ;; # before it listened
    esac
    die "after $1 in phase $phase the run ended with $2: $(tail -n 3 "$folder/log")"
}

# start: a start of the run in $folder, interrupted as the next draw says; sets $code
start()
{
    read -r signal share aim <&3
    : >"$folder/log"
    : >"$work/stamp"
    (train "$folder") &
    child=$!
    wait_for "$aim" "$share"
    target=-$child
    [ "$signal" != KILL ] || target=$child
    kill -s "$signal" -- "$target" 2>/dev/null || true
    code=0
    wait $child 2>/dev/null || code=$?
    cat "$folder/log" >>"$folder/said"
    check_end "$signal" "$code"
    [ $code = 0 ] || echo "$signal $phase" >>"$work/done"
}

# run NUMBER: a run in as many starts as it takes
run()
{
    folder=$work/$1 span=$warm
    mkdir "$folder"
    if [ $(($1 % 10)) = 0 ]; then
        clear_caches
        span=$cold
    fi
    code=1
    while [ $code != 0 ]; do
        start
    done
    summary "$folder"
    cmp -s "$work/whole/summary" "$folder/summary" ||
        die "run $1: $(diff "$work/whole/summary" "$folder/summary" | head -n 5)"
    ! grep -qv '^[0-9-]*T[0-9:]*Z ' "$folder/runs/tiny/log.txt" ||
        die "run $1: a line of log.txt is not whole"
    ! is_there "$SCL_CACHE_DIR/kernels/*.tmp-*" || die "run $1: the cache holds a temporary file"
    rm -rf "$folder"
}

clear_caches
cold=$(seconds train_whole)
warm=$(seconds train_whole)
summary "$work/whole"
echo "without interruptions: $cold s with empty caches, $warm s with full ones"
awk -v seed="$seed" -v n=$((50 * count)) 'BEGIN {
    srand(seed)
    for (split("INT TERM KILL", signal); n > 0; n--)
        print signal[1 + int(3 * rand())], rand(), int(5 * rand())
}' >"$work/draws"
exec 3<"$work/draws"

: >"$work/done"
number=0
while [ "$(wc -l <"$work/done")" -lt "$count" ]; do
    run $number
    number=$((number + 1))
done
echo "$(wc -l <"$work/done") interruptions of $number runs, and no difference"
sort "$work/done" | uniq -c
rm -rf "$work"
