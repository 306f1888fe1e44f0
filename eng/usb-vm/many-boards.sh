#!/usr/bin/env bash
# many-boards.sh FOLDER [SIMULATE ARGUMENT...]: runs in the virtual machine (see run and checks.sh) as root. Defuse, through
# libusb, sees boards come and go, flashes all at once, and each as it is plugged in.
set -uo pipefail

source "$(dirname "$(readlink -f "$0")")/checks.sh"
boards=(nucleo-f767zi 'nucleo-f767zi#1' pybv11)

attach() { local bus_id; for bus_id in "$@"; do until_true 30 usbip attach -r 127.0.0.1 -b "$bus_id" || return; done; }

# find_port BUS_ID: where a board is plugged in. To ask takes seconds, in which it may be finished with.
find_port() {
    port=$(usbip port 2> /dev/null | awk -v id="/$1" '/^Port/ { port = $2 + 0 } index($0, id) && $0 ~ id "$" { print port; exit }')
    [[ -n $port ]]
}

# lines COUNT PATTERN FILE: that many lines, or more, have it.
lines() { [[ $(grep -cE "$2" "$3") -ge $1 ]]; }
come() { until_true 120 lines "$@"; }

# ended STATUS PROCESS: it ends within two minutes, with this status.
ended() {
    local status=0
    until_true 120 eval "! kill -0 $2 2> /dev/null" || { kill -KILL "$2"; return 1; }
    wait "$2" || status=$?
    [[ $status -eq $1 ]] || { echo "status $status"; return 1; }
}

flash_all() {
    "$defuse" flash "$work/small.bin" --address 0x08000000 --all --json > "$work/all.jsonl" &&
        lines 3 '"type":"record".*"outcome":"verified"' "$work/all.jsonl" &&
        grep -q '"boards":{"total":3,"verified":3,' "$work/all.jsonl" &&
        grep -q "\"sha256\":\"$(sha256sum < "$work/small.bin" | cut -d' ' -f1)\"" "$work/all.jsonl"
}

# A stack pointer and a reset vector that ROMs would jump to, then random bytes.
printf '\x00\x10\x00\x20\x01\x01\x00\x08' > "$work/firmware.bin"
head -c 300000 /dev/urandom >> "$work/firmware.bin"
head -c 10000 "$work/firmware.bin" > "$work/small.bin"

simulate 3240 "${boards[@]}" "$@" || finish
"$defuse" list --watch --json > "$work/seen.jsonl" 2> "$work/seen.log" &
seeing=$!
check "list --watch begins" come 1 'Watching' "$work/seen.log"
check "three boards are attached" attach 1-1 1-2 1-3
check "list --watch sees three arrive" come 3 '"change":"arrived"' "$work/seen.jsonl"
check "flash --all verifies three boards" flash_all
check "list --watch sees three leave" come 3 '"change":"left"' "$work/seen.jsonl"

"$defuse" flash "$work/firmware.bin" --address 0x08000000 --no-compare --watch --count 3 --json > "$work/watched.jsonl" 2> "$work/watched.log" &
flashing=$!
check "flash --watch begins" come 1 'Flashing 3 boards' "$work/watched.log"
check "a board is attached" attach 1-1
check "it is at a port" find_port 1-1
check "it is being written" come 1 '"phase":"write","state":"started"' "$work/watched.jsonl"
check "it is unplugged" usbip detach -p "$port"
check "it is incomplete" come 1 '"type":"record".*"outcome":"incomplete","exitCode":7' "$work/watched.jsonl"
check "it is plugged in again, and another one" attach 1-1 1-3
check "flash --watch ends with three records, and with 7" ended 7 "$flashing"
check "the second try and the other one are verified" lines 2 '"type":"record".*"outcome":"verified"' "$work/watched.jsonl"

# A shell has what it runs in the background ignore SIGINT.
kill -TERM "$seeing"
check "list --watch ends with 0 when it is told to" ended 0 "$seeing"
if [[ $failed -ne 0 ]]; then
    cut -c 1-300 "$work/seen.jsonl" "$work/all.jsonl" "$work/watched.jsonl" | grep -v '"type":"p' | tail -n 60
    cat "$work/watched.log" "$work/seen.log"
fi
finish
