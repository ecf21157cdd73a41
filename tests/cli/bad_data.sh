# bad_data.sh - data that cannot be used: one line that names the place, exit code 2, nothing
# printed, no run begun. $SCORECL is the program.
. tests/cli/check.inc

cat >"$TMP/small.yaml" <<END
name: small
runs: $TMP/runs
data: { kind: image_folder }
encoder: { width: 8 }
head: { hidden: 16, out: 8 }
method: { kind: simclr }
train: { batch: 16, steps: 2 }
END

# bad KIND ROOT WORDS: train and data info refuse it alike.
bad()
{
    for command in train "data info"; do
        # shellcheck disable=SC2086 # a command may be two words
        refused 2 "$3" $command "$TMP/small.yaml" --set "data.kind=$1" --set "data.root=$2"
        [ ! -e "$TMP/runs" ] || fail "refused, and has left $TMP/runs: $3"
    done
}

# bad_folder ROOT WORDS: the same, also of a folder that is named on the command line.
bad_folder()
{
    bad image_folder "$1" "$2"
    refused 2 "$2" data info "$1"
}

works data synth "$TMP/good" --train 40 --test 20
copy()
{
    cp -r "$TMP/good" "$TMP/$1"
}

bad image_folder "$TMP/none" "$TMP/none: there is no such folder"
mkdir "$TMP/empty"
bad_folder "$TMP/empty" "$TMP/empty: holds no .png, .jpg or .jpeg image"
copy cow
mkdir "$TMP/cow/train/cow"
bad_folder "$TMP/cow" "$TMP/cow/train/cow: holds no .png, .jpg or .jpeg image"
copy test
mkdir "$TMP/test/test/cow"
cp "$TMP"/good/test/star/*.png "$TMP/test/test/cow"
refused 2 "$TMP/test/test: its folder 'cow' is not one of the 10 classes of train" \
    data info "$TMP/test"
[ ! -e "$TMP/runs" ] || fail "data info has left $TMP/runs"
refused 2 "$TMP/test/test: its folder 'cow' is not one of the 10 classes of train" \
    train "$TMP/small.yaml" --set "data.root=$TMP/test"
[ ! -e "$TMP/runs" ] || fail "a run whose test split is refused has left $TMP/runs"
copy link
ln -s "$TMP/none" "$TMP/link/train/cow"
bad_folder "$TMP/link" "$TMP/link/train/cow: is a link to nothing, wanted a class folder"
copy circle
ln -s circle.png "$TMP/circle/train/star/circle.png"
bad_folder "$TMP/circle" \
    "$TMP/circle/train/star/circle.png: cannot be opened: Too many levels of symbolic links"
copy pipe
mkfifo "$TMP/pipe/train/star/pipe.png"
bad_folder "$TMP/pipe" \
    "$TMP/pipe/train/star/pipe.png: is a device, a pipe or a socket, not an image file"
copy memory
ln -s /proc/self/mem "$TMP/memory/train/star/memory.png"
bad_folder "$TMP/memory" "$TMP/memory/train/star/memory.png: cannot be read: Input/output error"
copy lines
printf 'no image' >"$TMP/lines/train/star/two
lines.jpg"
bad_folder "$TMP/lines" "$TMP/lines/train/star/two\\nlines.jpg: begins with 6e 6f 20, neither a \
PNG nor a JPEG image"
copy half
half=$(find "$TMP/half/train" -name '*.png' | sort | head -1)
head -c 100 "$half" >"$TMP/hundred"
cp "$TMP/hundred" "$half"
bad image_folder "$TMP/half" "$half: damaged PNG: the file ends early"
bad image_folder "$TMP/small.yaml" "$TMP/small.yaml: there is no such folder"

# A list of classes: not there, of nothing, of what is not there, with a name twice.
list()
{
    refused 2 "$1" train "$TMP/small.yaml" --set "data.root=$TMP/good" --set "data.classes=$TMP/list"
    [ ! -e "$TMP/runs" ] || fail "refused, and has left $TMP/runs: $1"
}
list "$TMP/list: cannot be opened: No such file or directory"
: >"$TMP/list"
list "$TMP/list: names no class, wanted a name a line"
printf 'star\ncube\n' >"$TMP/list"
list "$TMP/list:2: class 'cube' has no folder $TMP/good/train/cube"
printf 'star\ndisc\nstar\n' >"$TMP/list"
list "$TMP/list:3: names class 'star' again, which line 1 has"

# CIFAR: of another length, with a file that is missing or a folder, with a label too many.
mkdir "$TMP/ten" "$TMP/hundred_classes"
for i in 1 2 4 5; do truncate -s 30730000 "$TMP/ten/data_batch_$i.bin"; done
bad cifar10 "$TMP/ten" "$TMP/ten/data_batch_3.bin: cannot be opened: No such file or directory"
refused 2 "$TMP/ten/data_batch_3.bin: cannot be opened: No such file or directory" \
    data info "$TMP/ten"
mkdir "$TMP/ten/data_batch_3.bin"
bad cifar10 "$TMP/ten" "$TMP/ten/data_batch_3.bin: is a folder, not a file"
rmdir "$TMP/ten/data_batch_3.bin"
for size in 0 30729999 30730001; do
    truncate -s $size "$TMP/ten/data_batch_3.bin"
    bad cifar10 "$TMP/ten" "$TMP/ten/data_batch_3.bin: is $size bytes long, not 30730000 (10000 \
images of 3073 bytes)"
done
truncate -s 1T "$TMP/ten/data_batch_3.bin"
bad cifar10 "$TMP/ten" "$TMP/ten/data_batch_3.bin: is 1099511627776 bytes long, more than the \
61460000 that are allowed"
truncate -s 30730000 "$TMP/ten/data_batch_3.bin"
printf '\012' | dd of="$TMP/ten/data_batch_3.bin" bs=1 seek=3073 conv=notrunc 2>"$TMP/dd"
bad cifar10 "$TMP/ten" "$TMP/ten/data_batch_3.bin: image 1 has label 10, not 0 to 9"
truncate -s 153699999 "$TMP/hundred_classes/train.bin"
bad cifar100 "$TMP/hundred_classes" "$TMP/hundred_classes/train.bin: is 153699999 bytes long, not \
153700000 (50000 images of 3074 bytes)"

# A case whose operation has an end of line in its name takes one line all the same.
sed 's/"op":"add"/"op":"\\na"/' tests/cases/add/one.safetensors >"$TMP/op.safetensors"
run verify "$TMP/op.safetensors"
expect 1 "$code" "exit code of a case of no operation"
expect 2 "$(wc -l <"$TMP/out")" "lines of one case and the last line"
printed "there is no operation '\\\\na'\$"
finish
