#!/usr/bin/env bash
# stock-usbipd.sh FOLDER [SIMULATE ARGUMENT...]: runs in the virtual machine (see run and checks.sh) as root. Plugs a
# simulated board into the machine's own USB (plug.py), exports it as `defuse list` says, with the kernel's usbip-host and
# the stock usbipd, and lets defuse flash it from there.
set -uo pipefail
source "$(dirname "$(readlink -f "$0")")/checks.sh"

plugged_in() { grep -qsx df11 /sys/bus/usb/devices/*/idProduct && [[ $(grep -c '^plugged in' "$work/plug.log") -eq $1 ]]; }

# The commands in the warning are run as they stand; who runs them here is root.
sudo() { "$@"; }

finds_the_remedy() {
    # As where libusb is not installed, which is when a person is told of USB/IP.
    DEFUSE_LIBUSB=none "$defuse" list > "$work/list" 2>&1
    cat "$work/list"
    grep -qE '^dfu:usb-[0-9.-]+ +blocked +0483:df11 ' "$work/list" || return 1
    remedy=$(sed -n 's/^warning: .*`\(sudo [^`]*\)`.*/\1/p' "$work/list")
    address=$(sed -n 's/^warning: .*`--device \(usbip:[^`]*\)`.*/\1/p' "$work/list")
    bus_id=${address##*/}
    [[ $remedy == *"usbip bind -b $bus_id" && -d /sys/bus/usb/devices/$bus_id ]]
}

# With its own driver again: what was bound has to be bound again after every time that it was plugged in.
is_back() { plugged_in 2 && ! bound; }

bound() { [[ $(readlink "/sys/bus/usb/devices/$bus_id/driver") == */usbip-host ]]; }
follow_the_remedy() { eval "$remedy" && until_true 10 bound; }

is_ready() {
    local listing
    listing=$("$defuse" list --device usbip://127.0.0.1/) && echo "$listing" &&
        grep -qE "^usbip://127.0.0.1/$bus_id +ready +0483:df11 " <<< "$listing"
}

# flash EXPECTED... -- ARGUMENT...: parts of the result's JSON line.
flash() {
    local expected=()
    while [[ $1 != -- ]]; do expected+=("$1"); shift; done
    "$defuse" flash "$sample/blinky.dfu" --device "$address" --json "${@:2}" > "$work/flash.json" || return
    tail -n 1 "$work/flash.json"
    for part in "${expected[@]}"; do
        tail -n 1 "$work/flash.json" | grep -qF "$part" || { echo "missing: $part"; return 1; }
    done
}

reads_it_back() {
    "$defuse" read --device "$address" --range "0x08000000+$size" -o "$work/read.bin" && cmp "$work/read.bin" "$sample/blinky.bin"
}

run_checks() {
    size=$(stat -c %s "$sample/blinky.bin")
    check "usbipd: the board is plugged in" until_true 30 plugged_in 1 || return
    check "usbipd: defuse list says how to export it" finds_the_remedy || return
    check "usbipd: that exports it" follow_the_remedy || return
    check "usbipd: defuse list --device shows it ready" is_ready
    check "usbipd: flash" flash '"outcome":"verified"' "\"bytesWritten\":$size,\"bytesVerified\":$size," '"started":true' '"serialNumber":"32E834423436"' --
    check "usbipd: the board has left the bus, and is back" until_true 90 is_back || return
    check "usbipd: the same exports it again" follow_the_remedy || return
    check "usbipd: flash of what it holds" flash '"outcome":"verified"' "\"bytesWritten\":0,\"bytesVerified\":$size," '"started":false' -- --no-start
    check "usbipd: read" reads_it_back
}

if simulate 3241 nucleo-f767zi "$@"; then
    /usr/bin/python3 "$here/plug.py" 3241 1-1 > "$work/plug.log" 2>&1 < /dev/null &
    plug=$!
    run_checks
    kill "$plug" 2> /dev/null || { failed=1; echo "FAILED plug.py to keep running"; }
    [[ $failed -eq 0 ]] || sed 's/^/    plug.py: /' "$work/plug.log"
fi
finish
