# Sourced by the scripts for the virtual machine, whose arguments are FOLDER [SIMULATE ARGUMENT...]: FOLDER holds a
# published defuse. They print "ok NAME" or "FAILED NAME" for each check, and exit with 1 if one failed.

here=$(dirname "$(readlink -f "$0")")
sample=$here/../../samples/nucleo-f767zi-blinky
defuse=$(readlink -e "$1/defuse") || { echo "FAILED to find defuse in $1"; exit 1; }
shift
DOTNET_ROOT=${DOTNET_ROOT:-$(dirname "$(readlink -f "$(command -v dotnet)")")}
export DOTNET_ROOT DOTNET_NOLOGO=1 NO_COLOR=1
work=$(mktemp -d "${VM_SHARE:-/tmp}/$(basename "$0" .sh).XXXXXX")
export DEFUSE_SIMULATOR_DIR=$work/simulator
mkdir "$DEFUSE_SIMULATOR_DIR"
failed=0

# check NAME COMMAND...: the command's output is shown only if it fails.
check() {
    local name=$1 status=0 started=$EPOCHREALTIME
    shift
    "$@" > "$work/output" 2>&1 < /dev/null || status=$?
    if [[ $status -eq 0 ]]; then
        printf 'ok %s (%.1f s)\n' "$name" "$(awk "BEGIN { print $EPOCHREALTIME - $started }")"
    else
        failed=1
        echo "FAILED $name: status $status of $*"
        tr '\r' '\n' < "$work/output" | tail -n 40 | sed 's/^/    /'
    fi
    return "$status"
}

# until_true SECONDS COMMAND...
until_true() {
    local end=$((SECONDS + $1))
    shift
    until "$@"; do
        [[ $SECONDS -lt $end ]] || { echo "still not so: $*"; return 1; }
        kill -0 "$simulator" 2> /dev/null || { echo "the simulator has ended"; return 1; }
        sleep 0.5
    done
}

# simulate PORT ARGUMENT...: serves blank boards, until finish.
simulate() {
    local port=$1
    shift
    "$defuse" simulate "$@" --port "$port" --fresh > "$work/simulator.log" 2>&1 < /dev/null &
    simulator=$!
    check "the simulator serves USB/IP" until_true 120 usbip --tcp-port "$port" list -r 127.0.0.1
}

finish() {
    if ! kill -0 "$simulator" 2> /dev/null; then
        failed=1
        echo "FAILED the simulator to keep running"
    fi
    kill "$simulator" 2> /dev/null
    wait "$simulator" 2> /dev/null
    if [[ $failed -ne 0 ]]; then
        echo "The simulator said:"
        tail -n 40 "$work/simulator.log" | sed 's/^/    /'
    fi
    echo "The kernel's words on errors of USB devices:"
    dmesg | grep -iE '(usb [0-9]|vhci).*(error|fail|timed? ?out|reset|not responding|unable|[^0-9]-[0-9]+$)' | grep -v "urb->status -104$" | sed 's/^/    /' || echo "    none"
    [[ $failed -ne 0 ]] || rm -rf "$work"
    exit "$failed"
}
