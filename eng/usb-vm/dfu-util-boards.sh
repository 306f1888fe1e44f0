#!/usr/bin/env bash
# dfu-util-boards.sh FOLDER [SIMULATE ARGUMENT...]: runs in the virtual machine (see run and checks.sh) as root. Lets
# dfu-util 0.11 use the simulated boards over the kernel's USB/IP.
set -uo pipefail

source "$(dirname "$(readlink -f "$0")")/checks.sh"
boards=(nucleo-f767zi pybv11 nucleo-h743zi)

dfu() { timeout 300 dfu-util -d 0483:df11 "$@"; }
listed() { dfu -l | grep -F 'Found DFU: [0483:df11]'; }
not_listed() { ! listed; }
attach() { until_true 30 usbip attach -r 127.0.0.1 -b "$1" && until_true 30 listed; }

detach() {
    local port
    for port in $(usbip port 2> /dev/null | sed -n 's/^Port \([0-9]*\):.*/\1/p'); do usbip detach -p "$port"; done
    until_true 30 not_listed
}

# The board's alternate settings are these and no others; a text that ends in * says how the string begins.
has_alternate_settings() {
    local listing number=0 expected
    listing=$(listed) || return 1
    echo "$listing"
    for expected in "$@"; do
        if [[ $expected == *'*' ]]; then
            expected="alt=$number, name=\"${expected%\*}"
        else
            expected="alt=$number, name=\"$expected\""
        fi
        grep -qF "$expected" <<< "$listing" || { echo "missing: $expected"; return 1; }
        number=$((number + 1))
    done
    [[ $(wc -l <<< "$listing") -eq $number ]] || { echo "expected $number lines"; return 1; }
}

# A status of 0 beside an error in the output would not do either.
download() {
    dfu -a 0 "$@" && grep -qE 'File downloaded successfully|Done parsing DfuSe file' "$work/output" &&
        ! grep -E 'Error (during|sending)|dfuERROR|LIBUSB_ERROR|Lost device' "$work/output"
}

# holds ADDRESS FILE: what dfu-util reads there are the file's bytes.
holds() {
    rm -f "$work/read.bin"
    dfu -a 0 -s "$1:$(stat -c %s "$2")" -U "$work/read.bin" && cmp "$work/read.bin" "$2"
}

# Random bytes behind a stack pointer and a reset vector that a ROM would jump to.
firmware() {
    printf '\x00\x10\x00\x20\x01\x01\x00\x08'
    head -c $(($1 - 8)) /dev/urandom
}

# Two ROM generations with layout strings as captured from such chips; no full listing of an F76x was ever published, so
# only its first is held to the letter.
alternate_settings() {
    case $1 in
        nucleo-f767zi)
            has_alternate_settings '@Internal Flash  /0x08000000/04*032Kg,01*128Kg,07*256Kg' \
                '@Option Bytes  /0x1FFF0000/*' '@OTP Memory /0x1FF0F000/*' '@Device Feature/0xFFFF0000/01*004 e' ;;
        pybv11)
            has_alternate_settings '@Internal Flash  /0x08000000/04*016Kg,01*064Kg,07*128Kg' \
                '@Option Bytes  /0x1FFFC000/01*016 e' '@OTP Memory /0x1FFF7800/01*512 e,01*016 e' \
                '@Device Feature/0xFFFF0000/01*004 e' ;;
        nucleo-h743zi)
            has_alternate_settings '@Internal Flash   /0x08000000/16*128Kg' '@Option Bytes   /0x5200201C/01*128 e' ;;
    esac
}

# A sector behind those that the 70,001 bytes from 0x08000000 on lie in.
later_sector() { case $1 in nucleo-f767zi) echo 0x08040000 ;; *) echo 0x08020000 ;; esac; }

check_board() {
    local board=$1 bus_id=$2 later
    later=$(later_sector "$board")
    firmware 70001 > "$work/first.bin"
    head -c 5003 /dev/urandom > "$work/later.bin"
    firmware 3001 > "$work/last.bin"

    check "$board: attach" attach "$bus_id" || return
    check "$board: lists its alternate settings" alternate_settings "$board"
    check "$board: download of 70,001 bytes" download -s 0x08000000 -D "$work/first.bin"
    check "$board: download to a later sector" download -s "$later" -D "$work/later.bin"
    check "$board: upload of the later sector" holds "$later" "$work/later.bin"
    check "$board: upload of 70,001 bytes" holds 0x08000000 "$work/first.bin"

    check "$board: download and leave" download -s 0x08000000:leave -D "$work/last.bin"
    check "$board: is gone after leaving" until_true 30 not_listed
    check "$board: attach again" attach "$bus_id" || return
    check "$board: still holds both" eval "holds 0x08000000 '$work/last.bin' && holds $later '$work/later.bin'"

    if [[ $board == nucleo-f767zi ]]; then
        check "$board: download of a .dfu" download -D "$sample/blinky.dfu"
        check "$board: upload of it" holds 0x08000000 "$sample/blinky.bin"
        check "$board: download of a .dfu and leave" download -s :leave -D "$sample/blinky.dfu"
        check "$board: is gone after leaving again" until_true 30 not_listed
        check "$board: attach for the last time" attach "$bus_id" || return
        check "$board: upload of the .dfu's bytes" holds 0x08000000 "$sample/blinky.bin"
    fi
    check "$board: detach" detach
}

dfu-util --version | head -n 1
simulate 3240 "${boards[@]}" "$@" || boards=()
number=0
for board in "${boards[@]}"; do
    number=$((number + 1))
    check_board "$board" "1-$number" || detach > "$work/output" 2>&1
done

finish
