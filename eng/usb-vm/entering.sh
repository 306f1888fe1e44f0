#!/usr/bin/env bash
# entering.sh FOLDER [SIMULATE ARGUMENT...]: runs in the virtual machine (see run and checks.sh) as root. Boards whose programs are
# serial ports of the kernel's cdc-acm are taken to DFU mode by defuse; one defuse flash takes MicroPython from its REPL to DFU,
# flashes it, and has its REPL again. defuse monitor stays with a board that is unplugged and comes back, and what it sets
# reaches the board, as the kernel's own record of USB requests (usbmon) has it.
set -uo pipefail

source "$(dirname "$(readlink -f "$0")")/checks.sh"
boards=('nucleo-f767zi?program=micropython' 'pybv11?program=betaflight' 'nucleo-f767zi#1?program=ardupilot' 'stm32l476g-disco?program=arduino')

port_is_there() { compgen -G '/dev/ttyACM*' > /dev/null; }
rom_is_there() { grep -qx df11 /sys/bus/usb/devices/*/idProduct 2> /dev/null; }
nobody_attaches() { ! pgrep -x usbip > /dev/null; }
nothing_is_there() { ! port_is_there && ! rom_is_there; }
enter() { local out; out=$(timeout 200 "$defuse" enter-dfu "$@") || return; echo "$out"; [[ $out == dfu:usb-* ]] && rom_is_there; }
flash() {
    timeout 300 "$defuse" flash "$sample/blinky.dfu" 2>&1 | tee "$work/said"
    [[ ${PIPESTATUS[0]} -eq 0 ]] && grep -q '^Asking MicroPython at /dev/ttyACM0 for its bootloader' "$work/said" && grep -q 'MicroPython v.* answers on /dev/ttyACM' "$work/said"
}

lines() { wc -l < "$work/heard"; }
counted() { [[ $(lines) -ge $1 ]]; }
recording() { ls -l "/proc/$record/fd" | grep -q usbmon/0u; }
asked() { grep -F " s $1" "$work/usbmon"; }
sends_break() {
    python3 -IS -c 'import os, sys, termios; termios.tcsendbreak(os.open(sys.argv[1], os.O_RDWR | os.O_NOCTTY), 0)' /dev/ttyACM* &&
        until_true 5 asked '21 23 ffff 0000 0000 0' && until_true 5 asked '21 23 0000 0000 0000 0'
}

# A board that leaves the bus leaves the kernel's virtual controller too: a person's cable would stay in.
keep_attached() {
    while true; do
        usbip attach -r 127.0.0.1 -b "$1" > /dev/null 2>&1
        sleep 0.3
    done
}

pull() {
    local port
    for port in $(usbip port 2> /dev/null | sed -n 's/^Port \([0-9]*\):.*/\1/p'); do usbip detach -p "$port"; done
}

plug() {
    keep_attached "$1" &
    cable=$!
}

unplug() {
    kill "$cable"
    wait "$cable" 2> /dev/null
    # The last attach may still be under way, and would plug it in again.
    until_true 10 nobody_attaches
    pull
    check "it is unplugged" until_true 20 nothing_is_there
}

simulate 3240 "${boards[@]}" "$@" || finish
plug 1-1
check "MicroPython has a serial port" until_true 30 port_is_there
check "one defuse flash takes it from its REPL to DFU, flashes it, and finds its REPL again" flash
unplug
number=2
for program in Betaflight ArduPilot; do
    plug "1-$number"
    check "$program has a serial port" until_true 30 port_is_there
    check "it is taken to DFU mode" enter
    unplug
    number=$((number + 1))
done
plug 1-4
check "a sketch has a serial port" until_true 30 port_is_there
modprobe usbmon
mount -t debugfs debugfs /sys/kernel/debug 2> /dev/null
cat /sys/kernel/debug/usb/usbmon/0u > "$work/usbmon" &
record=$!
check "the bus is listened to" until_true 10 recording
"$defuse" monitor --device "uart:$(echo /dev/ttyACM*)" --baud 57600 --frame 7E1 --rts off > "$work/heard" 2> "$work/talk" < /dev/null &
monitor=$!
check "defuse monitor hears it count" until_true 30 counted 2
check "baud rate and frame reach it" until_true 5 asked '21 20 0000 0000 0007 7 = 00e10000 000207'
check "DTR on and RTS off reach it" until_true 5 asked '21 22 0001 0000 0000 0'
pull 2> /dev/null
check "unplugged and back, it is found again" until_true 30 grep -q '^Connected to .* again' "$work/talk"
check "and heard" until_true 30 counted $(($(lines) + 2))
kill "$monitor"
wait "$monitor" 2> /dev/null
check "a break reaches it" sends_break
kill "$record"
check "it is taken to DFU mode by the 1200-baud touch" enter --device "uart:$(echo /dev/ttyACM*)"
unplug
finish
