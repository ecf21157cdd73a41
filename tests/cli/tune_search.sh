# tune_search.sh - a search finds plans and keeps them; a signal or a kill loses nothing that was tried.
# $SCORECL is the program.
. tests/cli/check.inc

SCL_CONFIG_DIR=$TMP/config
export SCL_CONFIG_DIR
cat >"$TMP/small.yaml" <<END
name: small
runs: $TMP/runs
data: { kind: synthetic, train_size: 64, test_size: 32 }
encoder: { width: 8 }
head: { hidden: 16, out: 8 }
method: { kind: simclr }
train: { batch: 16, steps: 6 }
END

# lines: the database's, without those that only explain.
lines()
{
    cat "$SCL_CONFIG_DIR"/tuned/*.txt 2>/dev/null | grep -v '^#'
}

# plans: what was tried, and what came of it; but for whether it is the best, which may change.
plans()
{
    lines | sed 's/ | \(tuned\|measured\) | .*//' | sort
}

# some N: waits until so many plans were tried, or the search is over.
some()
{
    while [ "$(lines | wc -l)" -lt "$1" ] && kill -0 "$pid" 2>/dev/null; do
        sleep 0.1
    done
}

refused 2 "tune: --minutes is 'soon'; a number above 0 is wanted, up to 100000" \
    tune "$TMP/small.yaml" --minutes soon
refused 2 "tune: --minutes is '0'; a number above 0 is wanted, up to 100000" \
    tune "$TMP/small.yaml" --minutes 0
SCL_CONFIG_DIR='' refused 2 "there is no folder for the tuning database: SCL_CONFIG_DIR is empty, \
or HOME is not set" tune "$TMP/small.yaml"
refused_like 2 "there is no device 'nobody'; there are: *" tune "$TMP/small.yaml" --device nobody
[ ! -e "$SCL_CONFIG_DIR" ] || fail "a refused search left a database"

# Killed: what was tried is there, and whole.
"$SCORECL" tune "$TMP/small.yaml" >"$TMP/out" 2>"$TMP/err" &
pid=$!
some 2
kill -KILL $pid
wait $pid
plans >"$TMP/killed"
[ -s "$TMP/killed" ] || fail "a killed search left nothing; it said: $(cat "$TMP/err")"

# Stopped: the same, and a table of what was found.
"$SCORECL" tune "$TMP/small.yaml" >"$TMP/out" 2>"$TMP/err" &
pid=$!
some $(($(wc -l <"$TMP/killed") + 2))
kill -TERM $pid
code=0
wait $pid || code=$?
expect 130 $code "exit code after a signal"
expect "scorecl: stopped; what was tried is kept, and the same command goes on from there" \
    "$(tail -1 "$TMP/err")" "what was said after a signal"
printed '^# node '
printed ' trials now, '
plans >"$TMP/stopped"
comm -23 "$TMP/killed" "$TMP/stopped" >"$TMP/lost"
[ ! -s "$TMP/lost" ] || fail "measured again or lost: $(cat "$TMP/lost")"
[ "$(wc -l <"$TMP/stopped")" -gt "$(wc -l <"$TMP/killed")" ] || fail "nothing was added"

# To the end of the time, as JSON: each plan stands once.
works tune "$TMP/small.yaml" --minutes 0.1 --json
printed '"step_seconds_after":'
printed '"plans_failed":	0'
plans >"$TMP/ended"
comm -23 "$TMP/stopped" "$TMP/ended" >"$TMP/lost"
[ ! -s "$TMP/lost" ] || fail "measured again or lost: $(cat "$TMP/lost")"
expect "" "$(lines | cut -d'|' -f1-5 | sort | uniq -d)" "plans that stand twice"
expect "" "$(lines | grep -c '| tuned |' | grep -x 0)" "a database without a best plan"

finish
