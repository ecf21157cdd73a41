# stop.sh - a signal before the first step, and a second signal. $SCORECL is the program.
. tests/cli/check.inc
. tests/cli/tiny.inc

# start COMMAND...: a run that has to compile everything, as far as that it compiles; sets pid
start()
{
    rm -rf "$TMP/cold"
    mkdir -p "$TMP/cold/pocl"
    SCL_CACHE_DIR=$TMP/cold POCL_CACHE_DIR=$TMP/cold/pocl UNDER='env --default-signal=INT'
    export SCL_CACHE_DIR POCL_CACHE_DIR
    (tiny "$TMP/cold") &
    pid=$!
    until [ -s "$TMP/cold/runs/tiny/metrics.jsonl" ] || ! kill -0 $pid; do
        sleep 0.01
    done
}

# ended: sets code
ended()
{
    code=0
    wait $pid || code=$?
}

# Asked while it compiles, a run stops between two programs, and has nothing to save.
start
kill -TERM $pid
ended
expect 130 "$code" "exit code after SIGTERM while it compiled"
expect "scorecl: tiny: stopped before score step 1 of 10" "$(tail -n 1 "$TMP/cold/log")" \
    "what was said"
[ -z "$(ls "$TMP/cold/runs/tiny/checkpoints")" ] || fail "a checkpoint of no step"

# The second signal does not wait for that.
start
kill -INT $pid
kill -TERM $pid
ended
[ "$code" = 143 ] || [ "$code" = 130 ] || fail "exit code after two signals: $code"
! grep 'stopped before' "$TMP/cold/log" || fail "the second signal waited"
finish
