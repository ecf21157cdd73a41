# doctor.sh - what doctor says of this machine, and of the same one with its drivers taken away.
# $SCORECL is the program.
. tests/cli/check.inc

# As it is: at least one device, through PoCL.
works doctor
printed '^system '
printed '^ok  *[^ ]*: PoCL (.*) loads$'
printed '^ok  *pocl:.*: builds, runs and computes; profile '
expect 1 "$(tail -1 "$TMP/out" | grep -c '^[0-9]* usable device.*; runs take ')" "summary"
[ ! -s "$TMP/err" ] || fail "doctor said: $(cat "$TMP/err")"
works doctor --json
printed '"usable_devices":	[1-9]'
printed '"check":	"device"'

# without CODE ARGUMENT...: no usable device, said once, on standard output.
without()
{
    run doctor
    expect 3 "$code" "exit code of doctor with $*"
    expect 1 "$(tail -1 "$TMP/out" | grep -c '^no usable device; [1-9]')" "summary with $*"
    [ ! -s "$TMP/err" ] || fail "doctor said: $(cat "$TMP/err")"
}

OCL_ICD_VENDORS=$TMP/none
export OCL_ICD_VENDORS
without "a folder that is not there"
printed "^problem  *OCL_ICD_VENDORS=$TMP/none: there is nothing of that name\$"
printed '^  *unset OCL_ICD_VENDORS$'
run doctor --json
expect 3 "$code" "exit code of doctor --json"
printed '"mend":	"unset OCL_ICD_VENDORS"'

mkdir "$TMP/vendors"
echo libabsent.so.9 >"$TMP/vendors/absent.icd"
OCL_ICD_VENDORS=$TMP/vendors
without "a library that is not there"
printed "^problem  *$TMP/vendors/absent.icd: .*libabsent.so.9: cannot open shared object file"

# A driver that crashes when it is loaded, and one that ends the process when it is asked.
cat >"$TMP/bad.c" <<'C'
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#ifdef AT_LOADING
__attribute__((constructor)) static void begin(void) { abort(); }
#endif
static int ask(unsigned n, void *list, unsigned *count)
{
    (void)n, (void)list, (void)count;
    fprintf(stderr, "bad: cannot go on\n");
    exit(1);
}
void *clGetExtensionFunctionAddress(const char *name)
{
    return strcmp(name, "clIcdGetPlatformIDsKHR") == 0 ? (void *)ask : NULL;
}
C
cc=${CC:-cc}
rm "$TMP/vendors/absent.icd"
echo "$TMP/bad.so" >"$TMP/vendors/bad.icd"
$cc -shared -fPIC -DAT_LOADING -o "$TMP/bad.so" "$TMP/bad.c" || fail "no compiler"
without "a driver that crashes"
printed "^problem  *$TMP/vendors/bad.icd: its library cannot be loaded: crashed (Aborted)"
$cc -shared -fPIC -o "$TMP/bad.so" "$TMP/bad.c" || fail "no compiler"
without "a driver that ends the process"
printed "^problem  .*bad.so, asked for its platforms: crashed (ended the process); it said: bad: cannot"
unset OCL_ICD_VENDORS

# PoCL with settings that take its devices away or cut them down.
POCL_DEVICES=none
export POCL_DEVICES
without "POCL_DEVICES=none"
printed '^problem  *POCL_DEVICES=none'
printed '^  *unset POCL_DEVICES$'
unset POCL_DEVICES

SCL_CHACHE_DIR=$TMP
export SCL_CHACHE_DIR
works doctor
printed '^warning  *SCL_CHACHE_DIR: nothing reads it'
unset SCL_CHACHE_DIR

refused 2 "doctor: there is no option --device; see scorecl doctor --help" doctor --device x
refused 2 "doctor: found 1 arguments, wanted 0; see scorecl doctor --help" doctor x
finish
