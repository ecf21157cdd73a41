# device.sh - a device that refuses: whichever call of OpenCL's fails, the training says so in one
# line with the call and its code's name, leaves nothing half written, and the same command then
# ends in the bits of a training undisturbed. $FAULT_DEVICE is device_shim.c.
. tests/faults/train.inc

refused=0 passed=0

# try CALL N CODE NAME [ENVIRONMENT]
try()
{
    what="$1 $2 failing with $4"
    fresh
    rm -rf "$TMP/cold"
    disturbed="LD_PRELOAD=$FAULT_DEVICE SCL_FAULT=$1:$2:$3 ${5-}"
    train
    if [ "$code" = 0 ]; then # what a training can do without: the kernel cache, a hint
        passed=$((passed + 1))
        same "$what, passed over"
        return
    fi
    refused=$((refused + 1))
    wanted=1
    case $1 in
    clGetPlatform* | clGetDevice* | clCreateContext | clCreateCommandQueue) wanted=3 ;;
    esac
    expect $wanted "$code" "exit code of $what"
    said_once "$1*$4*" "$what"
    leaves_whole "$what"
    goes_on "$what"
}

# each CALL CODE NAME [ENVIRONMENT]: the first of these calls, one amid the training and the last.
each()
{
    of=$(sed -n "s/^$1 //p" "$TMP/counts")
    [ "$of" -gt 0 ] || fail "the training has made no $1"
    numbers=$(printf '%s\n' 1 $(((of + 1) / 2)) "$of" | sort -nu)
    [ "${SCL_FAULTS-}" != long ] || numbers=$(seq "$of")
    for number in $numbers; do
        try "$1" "$number" "$2" "$3" "${4-}"
    done
}

# count_calls [ENVIRONMENT]: how many of each kind a training makes, to $TMP/counts.
count_calls()
{
    fresh
    rm -rf "$TMP/cold"
    disturbed="LD_PRELOAD=$FAULT_DEVICE SCL_FAULT_COUNTS=$TMP/counts ${1-}"
    train
    expect 0 "$code" "exit code with the shim alone"
    same "with the shim alone"
}

whole

# Without a kernel cache: from source, in this process, and into the cache.
cold="SCL_CACHE_DIR=$TMP/cold SCL_COMPILERS=0"
count_calls "$cold"
each clCreateProgramWithSource -6 CL_OUT_OF_HOST_MEMORY "$cold"
each clBuildProgram -11 CL_BUILD_PROGRAM_FAILURE "$cold"
each clBuildProgram -5 CL_OUT_OF_RESOURCES "$cold"
each clGetProgramInfo -6 CL_OUT_OF_HOST_MEMORY "$cold"

count_calls
each clGetPlatformIDs -6 CL_OUT_OF_HOST_MEMORY
each clGetPlatformInfo -30 CL_INVALID_VALUE
each clGetDeviceIDs -6 CL_OUT_OF_HOST_MEMORY
each clGetDeviceInfo -5 CL_OUT_OF_RESOURCES
each clCreateContext -2 CL_DEVICE_NOT_AVAILABLE
each clCreateCommandQueue -6 CL_OUT_OF_HOST_MEMORY
each clCreateBuffer -4 CL_MEM_OBJECT_ALLOCATION_FAILURE
each clCreateSubBuffer -5 CL_OUT_OF_RESOURCES
each clCreateProgramWithBinary -42 CL_INVALID_BINARY
each clBuildProgram -11 CL_BUILD_PROGRAM_FAILURE
each clCreateKernel -46 CL_INVALID_KERNEL_NAME
each clSetKernelArg -6 CL_OUT_OF_HOST_MEMORY
each clEnqueueWriteBuffer -5 CL_OUT_OF_RESOURCES
each clEnqueueReadBuffer -14 CL_EXEC_STATUS_ERROR_FOR_EVENTS_IN_WAIT_LIST
each clEnqueueFillBuffer -4 CL_MEM_OBJECT_ALLOCATION_FAILURE
each clEnqueueNDRangeKernel -5 CL_OUT_OF_RESOURCES
each clFlush -36 CL_INVALID_COMMAND_QUEUE
each clFinish -5 CL_OUT_OF_RESOURCES
each clFinish -9999 "an unknown code (-9999)"

# A device that was never there is said with what to install.
fresh
disturbed="LD_PRELOAD=$FAULT_DEVICE SCL_FAULT=clGetPlatformIDs:1:-1001"
train
expect 3 "$code" "exit code without a platform"
said_once "no OpenCL device was found; scorecl doctor *" "no platform"
fresh
disturbed="LD_PRELOAD=$FAULT_DEVICE SCL_FAULT=clGetDeviceIDs:1:-1"
train
expect 3 "$code" "exit code without a device"
said_once "no OpenCL device was found; scorecl doctor *" "no device"

for fault in clGetPlatformIDs:1:-6 clGetDeviceIDs:1:-6 clGetPlatformInfo:1:-30 clGetDeviceInfo:1:-5; do
    code=0
    LD_PRELOAD=$FAULT_DEVICE SCL_FAULT=$fault "$SCORECL" devices >"$TMP/out" 2>"$TMP/err" || code=$?
    expect 3 "$code" "exit code of devices, $fault"
    said_once "${fault%%:*}: CL_*" "devices, $fault"
done

# An evaluation says so too, and keeps nothing of it.
for fault in clCreateContext:1:-2 clCreateBuffer:1:-4 clEnqueueWriteBuffer:9:-5 \
    clEnqueueNDRangeKernel:40:-5 clEnqueueReadBuffer:1:-5; do
    fresh
    cp -r "$TMP/whole" "$TMP/work/tiny"
    code=0
    LD_PRELOAD=$FAULT_DEVICE SCL_FAULT=$fault "$SCORECL" eval knn "$TMP/work/tiny" \
        >"$TMP/out" 2>"$TMP/err" || code=$?
    case $fault in
    clCreateContext*) expect 3 "$code" "exit code of eval, $fault" ;;
    *) expect 1 "$code" "exit code of eval, $fault" ;;
    esac
    said_once "${fault%%:*}*: CL_*" "eval, $fault"
    [ ! -s "$TMP/out" ] || fail "eval, $fault: printed $(cat "$TMP/out")"
    [ ! -e "$TMP/work/tiny/evaluations.jsonl" ] || fail "eval, $fault: kept something"
done

# A time that cannot be measured is not made up.
for fault in clWaitForEvents:1:-5 clGetEventProfilingInfo:2:-7; do
    fresh
    code=0
    LD_PRELOAD=$FAULT_DEVICE SCL_FAULT=$fault "$SCORECL" bench "$TMP/tiny.yaml" --steps 1 \
        >"$TMP/out" 2>"$TMP/err" || code=$?
    expect 1 "$code" "exit code of bench, $fault"
    said_once "${fault%%:*}: CL_*" "bench, $fault"
done
echo "refused $refused, passed over $passed"
finish
