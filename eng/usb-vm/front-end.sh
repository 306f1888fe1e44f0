#!/usr/bin/env bash
# front-end.sh FOLDER [SIMULATE ARGUMENT...]: runs in the virtual machine (see run and checks.sh) as root. Lets dfu-util 0.11 and
# `defuse dfu-util` use the same simulated boards through the kernel's USB stack: they have to list the same lines, and what one
# writes the other has to read.
set -uo pipefail

source "$(dirname "$(readlink -f "$0")")/checks.sh"
boards=(nucleo-f767zi stm32l476g-disco pybd-sf6 daisy maple dfu11-detach)
ln -s "$defuse" "$work/dfu-util"
unset DEFUSE_DEVICE

theirs() { timeout 60 dfu-util "$@"; }
ours() { timeout 60 "$work/dfu-util" "$@"; }
found() { "$@" -l | grep '^Found '; }
attach() { until_true 30 usbip attach -r 127.0.0.1 -b "$1"; }
all_listed() { [[ $(found theirs | grep -c ', alt=0, ') -eq ${#boards[@]} ]]; }
gone() { ! found theirs | grep -F "path=\"$1\""; }

# The same devices and alternate settings; which device comes first is the bus's own business, which alternate setting is not.
same_listing() {
    local who
    found theirs > "$work/theirs" && found ours > "$work/ours" && [[ -s $work/ours ]] || return 1
    for who in theirs ours; do sort -s -t '"' -k 2,2 "$work/$who" > "$work/$who.by-path"; done
    diff "$work/theirs.by-path" "$work/ours.by-path"
}

# -d, -a and the rest choose the same ones.
same_choice() {
    found theirs "$@" > "$work/theirs.chosen" && found ours "$@" > "$work/ours.chosen" && diff "$work/theirs.chosen" "$work/ours.chosen"
}

# path_of SERIAL: where the board is.
path_of() { sed -n "s/.*path=\"\([^\"]*\)\".*serial=\"$1\".*/\1/p" "$work/theirs" | head -n 1; }

# written_and_read WRITER READER PATH ADDRESS FILE
written_and_read() {
    local writer=$1 reader=$2 path=$3 address=$4 file=$5
    rm -f "$work/read.bin"
    "$writer" -p "$path" -a 0 -s "$address" -D "$file" && "$reader" -p "$path" -a 0 -s "$address:$(stat -c %s "$file")" -U "$work/read.bin" &&
        cmp "$work/read.bin" "$file"
}

status_of() { local expected=$1 status=0; shift; "$@" || status=$?; [[ $status -eq $expected ]] || { echo "status $status, expected $expected"; return 1; }; }

check_board() {
    local name=$1 address=$2 path
    path=$(path_of "$3")
    head -c 9011 /dev/urandom > "$work/ours.bin"
    { printf '\x00\x10\x00\x20\x01\x01\x00\x08'; head -c 9000 /dev/urandom; } > "$work/theirs.bin"
    check "$name: what defuse writes dfu-util reads" written_and_read ours theirs "$path" "$address" "$work/ours.bin"
    check "$name: what dfu-util writes defuse reads" written_and_read theirs ours "$path" "$address" "$work/theirs.bin"
    check "$name: both end alike over a file that is there" status_of 73 ours -p "$path" -a 0 -s "$address" -U "$work/read.bin"
    check "$name: defuse has it leave" ours -p "$path" -a 0 -s "$address:leave" -D "$work/theirs.bin"
    check "$name: is gone after leaving" until_true 30 gone "$path"
}

simulate 3240 "${boards[@]}" "$@" || boards=()
number=0
for board in "${boards[@]}"; do
    number=$((number + 1))
    attach "1-$number" > "$work/output" 2>&1
done
if [[ $number -gt 0 ]]; then
    check "${#boards[@]} boards are attached" until_true 60 all_listed
    check "both list the same lines" same_listing
    check "both choose the same by -d and -a" same_choice -d ,1eaf:0003 -a 1
    check_board nucleo-f767zi 0x08000000 32E834423436
    check_board daisy 0x90040000 3339353D3039
fi

finish
