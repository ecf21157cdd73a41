# tune.sh - the tuning database from the command line: shown, passed on, refused; what a plan, a
# run and its resume make of it. $SCORECL is the program.
. tests/cli/check.inc

SCL_CONFIG_DIR=$TMP/config
export SCL_CONFIG_DIR
# What is shipped for the machine that this runs on is put aside.
SCL_SOURCE_DIR=$TMP/source
export SCL_SOURCE_DIR
mkdir "$SCL_SOURCE_DIR"
cp -r cl_kernels backends "$SCL_SOURCE_DIR"
rm -rf "$SCL_SOURCE_DIR"/backends/*/tuned
seed=$PWD/tests/backend/decisions/pocl.txt
epyc=pocl:skylake-avx512-amd-epyc:2cu
table=$SCL_CONFIG_DIR/tuned

# Nothing yet.
works tune list
printed '^no decisions; scorecl tune CONFIG makes some$'
refused 2 "export: there is no decision; scorecl tune CONFIG makes some" tune export
refused 2 "tune: there is no 'lsit'; see scorecl tune --help" tune lsit
refused 2 "list: found 1 arguments, wanted 0; see scorecl list --help" tune list x
refused 2 "$TMP/absent: there is no such file" tune import "$TMP/absent"
refused 2 "$TMP/absent: there is no such file" tune diff "$TMP/absent" "$seed"

# All of a file, or nothing.
sed '9s/direct.vec/direct vec/' "$seed" >"$TMP/bad"
refused_like 2 "$TMP/bad:9: plan: found \"direct vec *" tune import "$TMP/bad"
[ ! -e "$table" ] || fail "a refused file was imported in part"
echo '# nothing' >"$TMP/none"
refused 2 "$TMP/none: found no decision, wanted some" tune import "$TMP/none"
works tune import "$seed"
printed "^$seed: 4 decisions imported, and 1 plans that failed; 1 that were only tried left out\$"
expect "amd_gfx90c_8cu.txt lock pocl_skylake-avx512-amd-epyc_2cu.txt" "$(ls "$table" | tr '\n' ' ' |
    sed 's/ $//')" "files of the database"

works tune list
printed "^$epyc, driver 3.1+debian: 3 decisions, 4 plans tried, 1 failed\$"
printed '^conv2d.fwd n256h32w32c64k64r3s3u1p1 .* winograd4.vec MR=12 NV=2 TILES=24 .* 11.200 .* 174.0%  imported$'
works tune list --device amd:gfx90c:8cu
expect 1 "$(grep -c ', driver ' "$TMP/out")" "devices in a list of one"
works tune list --all
printed ' crashed  *-  *-  imported$'
works tune list --json
expect 4 "$(grep -c '"verdict":	"timed"' "$TMP/out")" "decisions in JSON"

# What goes out comes in again as it was.
works tune export
cp "$TMP/out" "$TMP/first"
SCL_CONFIG_DIR=$TMP/other works tune import "$TMP/first"
SCL_CONFIG_DIR=$TMP/other works tune export
cmp "$TMP/first" "$TMP/out" || fail "a table changed on its way"
refused 2 "export: there is no decision of a:b:1cu; scorecl tune CONFIG makes some" \
    tune export --device a:b:1cu

# Two tables of a device.
works tune export --device $epyc
cp "$TMP/out" "$TMP/here"
sed -e 's/| 11.2 |/| 5.6 |/; s/TILES=24/TILES=12/; s/| crashed |/| hung |/; /matmul/d' \
    "$TMP/here" >"$TMP/there"
works tune diff "$TMP/here" "$TMP/there"
printed '^     *5.600 ms  winograd4.vec MR=12 NV=2 TILES=12  (-50.0 %)$'
printed '^    direct.tile .*: crashed there, hung here$'
printed '^2 nodes in both, 1 of them with the same plan; 1 only there, 0 only here; 1 plans with '
refused_like 2 "$seed: found decisions of amd:gfx90c:8cu and of $epyc, wanted one device's*" \
    tune diff "$seed" "$TMP/here"

# A bad file of the user's stops what would use it, and not what checks kernels.
rm -r "$SCL_CONFIG_DIR"
mkdir -p "$table"
echo 'one | two' >"$table/mine.txt"
cat >"$TMP/small.yaml" <<END
name: small
runs: $TMP/runs
data: { kind: synthetic, train_size: 64, test_size: 32 }
encoder: { width: 8 }
head: { hidden: 16, out: 8 }
method: { kind: simclr }
train: { batch: 16, steps: 6, checkpoint_every: 2, keep: 10 }
eval: { knn_every: 0 }
END
for command in "train $TMP/small.yaml" "plan $TMP/small.yaml" "bench $TMP/small.yaml" devices \
    "tune list" "tune export"; do
    # shellcheck disable=SC2086 # words
    refused 2 "$table/mine.txt:1: found 2 fields between bars, wanted 11" $command
done
[ ! -e "$TMP/runs" ] || fail "a run was begun with a bad database"
works verify tests/cases/relu
rm "$table/mine.txt"

# A run writes down what it chose; such lines, imported with other parameters, change the bits.
works devices
printed '  default  '
works train "$TMP/small.yaml"
mv "$TMP/runs/small" "$TMP/plain"
here=$TMP/plain/device.txt # planning for facts measures nothing
works plan "$TMP/small.yaml" --facts "$here"
printed ' default '
sed -n 's/ SPAN=16384 GROUPS=/ SPAN=64 GROUPS=/
    s/ | f32 | - | - | - | \([0-9a-f]*\) | default / | f32 | 1 | - | - | \1 | tuned /
    /norm_.*SPAN=64 /p' "$TMP/plain/tuning.txt" >"$TMP/own"
[ -s "$TMP/own" ] || fail "the run chose no reduction: $(cat "$TMP/plain/tuning.txt")"
works tune import "$TMP/own"
works devices
printed '  imported ([0-9]*)  '
works plan "$TMP/small.yaml" --facts "$here"
printed '^ *[0-9]* .* imported  *norm_'
works plan "$TMP/small.yaml" --facts "$here" --json
printed '"why":	"imported"'
printed '"plan":	"[a-z.]* LANES=16 .* SPAN=64 GROUPS='
works bench "$TMP/small.yaml" --steps 1 --layers --json
printed '"why":	"imported"'
works train "$TMP/small.yaml"
mv "$TMP/runs/small" "$TMP/tuned"
grep -q ' imported ' "$TMP/tuned/plan.txt" || fail "plan.txt names no imported choice"
cmp -s "$TMP/plain/checkpoints/encoder-00000006.safetensors" \
    "$TMP/tuned/checkpoints/encoder-00000006.safetensors" &&
    fail "other parameters of a reduction gave the same bits"

# A resume chooses what the run chose, whatever the database says by now.
for run in plain tuned; do
    mkdir -p "$TMP/runs"
    cp -r "$TMP/$run" "$TMP/runs/small"
    rm "$TMP/runs/small/checkpoints/encoder-00000006.safetensors"
    if [ $run = tuned ]; then mv "$table" "$TMP/away"; fi
    works train "$TMP/small.yaml"
    cmp "$TMP/$run/checkpoints/encoder-00000006.safetensors" \
        "$TMP/runs/small/checkpoints/encoder-00000006.safetensors" || fail "$run: other bits"
    cmp "$TMP/$run/plan.txt" "$TMP/runs/small/plan.txt" || fail "$run: another plan"
    grep -q 'do not repeat\|another plan' "$TMP/err" && fail "$run: said $(cat "$TMP/err")"
    rm -r "$TMP/runs/small"
done
mv "$TMP/away" "$table"

# A run of a time when nothing was recorded goes on without a database.
cp -r "$TMP/plain" "$TMP/runs/small"
rm "$TMP/runs/small/tuning.txt" "$TMP/runs/small/checkpoints/encoder-00000006.safetensors"
works train "$TMP/small.yaml"
cmp "$TMP/plain/checkpoints/encoder-00000006.safetensors" \
    "$TMP/runs/small/checkpoints/encoder-00000006.safetensors" || fail "no record: other bits"

# A record that is not whole is refused; one of kernels that have changed is said.
echo 'half a' >>"$TMP/runs/small/tuning.txt"
refused_like 2 "$TMP/runs/small/tuning.txt:*: found 1 fields between bars, wanted 11" \
    train "$TMP/small.yaml"
sed 's/| [0-9a-f]\{8\} |/| 00000000 |/' "$TMP/plain/tuning.txt" >"$TMP/runs/small/tuning.txt"
rm "$TMP/runs/small/checkpoints/encoder-00000006.safetensors"
works train "$TMP/small.yaml"
grep -q 'of the recorded choices have other kernels than before' "$TMP/err" ||
    fail "changed kernels were not said: $(cat "$TMP/err")"

# Decisions for older kernels are not used, and said.
sed 's/| [0-9a-f]\{8\} |/| 00000000 |/' "$TMP/own" >"$TMP/stale"
works tune import "$TMP/stale"
works plan "$TMP/small.yaml" --facts "$here"
printed '^# encoder: [0-9]* decisions of the tuning database are for older kernels and not used; '
grep -q ' imported ' "$TMP/out" && fail "a stale decision was used"
finish
