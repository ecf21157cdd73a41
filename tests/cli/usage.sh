# usage.sh - wrong command lines and bad input: one line on stderr, nothing on stdout, and the
# exit code that says whose fault it is. $SCORECL is the program.
. tests/cli/check.inc

# Usage: 2.
refused 2 "found no command, wanted one; see scorecl --help"
refused 2 "there is no command 'tarin'; see scorecl --help" tarin
refused 2 "train: found 0 arguments, wanted 1; see scorecl train --help" train
refused 2 "train: found 2 arguments, wanted 1; see scorecl train --help" train a b
refused 2 "train: there is no option --sett; see scorecl train --help" train --sett a=b x.yaml
refused 2 "train: --set wants a value" train x.yaml --set
refused 2 "devices: there is no option --all; see scorecl devices --help" devices --all
refused 2 "verify: --class: found 'f64', wanted f32, tf32 or f16" verify --class f64
refused 2 "verify: $TMP/absent: there is no such file or folder" verify "$TMP/absent"
refused 2 "data: there is no 'pakc'; see scorecl data --help" data pakc
refused 2 "data: found nothing to do, wanted info or synth; see scorecl data --help" data
refused 2 "synth: --train: found 'many', wanted a whole number from 0 to 1000000" \
    data synth "$TMP/new" --train many
refused 2 "synth: --test: found '-1', wanted a whole number from 0 to 1000000" \
    data synth "$TMP/new" --test -1
refused 2 "synth: --train: found '1000001', wanted a whole number from 0 to 1000000" \
    data synth "$TMP/new" --train 1000001

# Configuration: 2.
cat >"$TMP/good.yaml" <<'END'
name: small
data: { kind: synthetic, train_size: 64, test_size: 32 }
encoder: { width: 8 }
head: { hidden: 16, out: 8 }
method: { kind: simclr }
train: { batch: 16, steps: 2 }
END
sed 's/batch:/bacth:/' "$TMP/good.yaml" >"$TMP/key.yaml"
sed 's/batch: 16/batch: 1/' "$TMP/good.yaml" >"$TMP/value.yaml"
head -c 40 "$TMP/good.yaml" >"$TMP/half.yaml"
for command in train plan; do
    refused 2 "$TMP/absent.yaml: cannot be opened: No such file or directory" \
        $command "$TMP/absent.yaml"
    refused 2 "$TMP: is a folder, not a file" $command "$TMP"
    refused 2 "$TMP/key.yaml:6: train.bacth: found an unknown key, wanted one that exists: did \
you mean train.batch?" $command "$TMP/key.yaml"
    refused 2 "$TMP/value.yaml:6: train.batch: found 1, wanted a whole number from 2 to 65536" \
        $command "$TMP/value.yaml"
    refused_like 2 "$TMP/half.yaml:*" $command "$TMP/half.yaml"
    refused 2 "--set optm.lr=1: found an unknown key, wanted one that exists: did you mean \
optim.lr?" $command "$TMP/good.yaml" --set optm.lr=1
    refused_like 2 "there is no device 'absent'; there are: *" \
        $command "$TMP/good.yaml" --device absent --set "runs=$TMP/runs"
    refused 2 "$TMP/value.yaml: there is no such folder" $command "$TMP/good.yaml" \
        --set data.kind=image_folder --set "data.root=$TMP/value.yaml" --set "runs=$TMP/runs"
done
refused_like 2 "batch_norm: * is \[8192, 32, 32, 4096\], which is 34359738368 elements; 1 to \
2^31 - 1 fit" plan "$TMP/good.yaml" --set encoder.width=4096 --set train.batch=4096 \
    --set data.train_size=4096
refused 2 "plan: --device and --facts exclude each other" \
    plan "$TMP/good.yaml" --device pocl --facts tests/devices/nvidia.txt
refused 2 "tests/devices/nvidia.txt: found no line memory, buffer or group, wanted all three to \
plan with" plan "$TMP/good.yaml" --facts tests/devices/nvidia.txt
refused 2 "$TMP/absent: there is no such folder" train "$TMP/good.yaml" \
    --set data.kind=image_folder --set "data.root=$TMP/absent" --set "runs=$TMP/runs"
refused 2 "$TMP/absent: there is no such folder" data info "$TMP/good.yaml" \
    --set data.kind=image_folder --set "data.root=$TMP/absent"
[ ! -e "$TMP/runs" ] || fail "a refused run has left $TMP/runs"

# No device: 3.
OCL_ICD_VENDORS=$TMP/none
export OCL_ICD_VENDORS
missing="no OpenCL device was found; scorecl doctor says why, and what to install or set"
refused_like 3 "$missing" devices
refused_like 3 "$missing" devices --json
refused_like 3 "$missing" verify
refused_like 3 "$missing" plan "$TMP/good.yaml"
refused_like 3 "$missing" train "$TMP/good.yaml" --set "runs=$TMP/runs"
unset OCL_ICD_VENDORS

# A full disk: 1, and words.
if [ -e /dev/full ]; then
    code=0
    "$SCORECL" --help >/dev/full 2>"$TMP/err" || code=$?
    expect 1 "$code" "--help to a full disk"
    said "scorecl: the answer cannot be written to the standard output: No space left on device"
fi
finish
