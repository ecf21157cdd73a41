#!/bin/sh
# wrapper.sh - tools/oclgrind-run fails for each kind of fault, names it, and lets a program
# without one pass. FAULTY is the program of faulty.c.
set -u
out=$(mktemp -d) || exit 1
trap 'rm -rf "$out"' EXIT
failed=0

# expect NAME CODE WORDS: the wrapper's exit code, and what it must say (an extended regular
# expression; empty: nothing). The program must have run to its end.
expect()
{
    tools/oclgrind-run "$FAULTY" "$1" >"$out/stdout" 2>"$out/stderr"
    code=$?
    if [ $code != "$2" ]; then
        echo "$1: exit code $code, wanted $2"
    elif ! grep -q '^ran$' "$out/stdout"; then
        echo "$1: the program did not run to its end"
    elif [ -z "$3" ] && [ -s "$out/stderr" ]; then
        echo "$1: a clean run, and the simulator has something to say"
    elif [ -n "$3" ] && ! grep -qEi "$3" "$out/stderr"; then
        echo "$1: nothing like '$3' is said"
    else
        return
    fi
    cat "$out/stdout" "$out/stderr"
    failed=1
}

expect clean 0 ''
expect failing 7 ''
expect global_race 1 'data race'
expect local_race 1 'data race'
expect uninitialized 1 'uninitialized'
expect read_outside 1 'invalid read'
expect write_outside 1 'invalid write'
expect divergence 1 'divergence'
expect misuse 1 'CL_INVALID_WORK_GROUP_SIZE'

# A device that is not the simulator's would make all of the above worthless: without the
# preloaded runtime there is none.
if OCL_ICD_VENDORS=/nonexistent "$FAULTY" clean >"$out/stdout" 2>&1; then
    echo "outside the simulator: a device was found"
    failed=1
fi
exit $failed
