#!/usr/bin/env bash
# programs.sh FOLDER [SIMULATE ARGUMENT...]: runs in the virtual machine (see run and checks.sh) as root. A simulated board's
# program is a serial port of the kernel's cdc-acm, its REPL answers, and the ROM comes when the program is asked for it, by whatever way.
set -uo pipefail

source "$(dirname "$(readlink -f "$0")")/checks.sh"
boards=('nucleo-f767zi?program=micropython' 'stm32l476g-disco?program=arduino' 'pybv11?program=uart')

attach() { until_true 30 usbip attach -r 127.0.0.1 -b "$1"; }
port_is_there() { [[ -c /dev/ttyACM0 ]]; }
port_is_gone() { [[ ! -e /dev/ttyACM0 ]]; }
not_attached() { ! usbip attach -r 127.0.0.1 -b "$1"; }
roms_are_there() { [[ $(timeout 20 dfu-util -l | grep -c 'Found DFU: \[0483:df11\].* alt=0,') -eq $1 ]]; }
rom_is_there() { timeout 20 dfu-util -l | grep -F 'Found DFU: [0483:df11]'; }
has_ids() { cat /sys/class/tty/ttyACM0/device/../{idVendor,idProduct,product,serial} && grep -q "^$1\$" /sys/class/tty/ttyACM0/device/../idVendor; }
repl() { timeout 60 python3 -IS "$here/repl.py" "$@"; }

simulate 3240 "${boards[@]}" "$@" || finish
check "the board is attached" attach 1-1
check "it has a serial port" until_true 20 port_is_there
check "of MicroPython's" has_ids f055
check "its REPL answers, sends 40 kB back, and is asked for its bootloader" repl /dev/ttyACM0 talk much bootloader
check "its serial port goes" until_true 20 port_is_gone
check "it is attached again" attach 1-1
check "it is the ROM" until_true 20 rom_is_there

check "an Arduino board is attached" attach 1-2
check "it has a serial port" until_true 20 port_is_there
check "it counts, and is touched at 1200 baud" repl /dev/ttyACM0 count touch
check "its serial port goes" until_true 20 port_is_gone
check "it is attached again" attach 1-2
check "both are ROMs" until_true 20 roms_are_there 2

check "a board that has no USB now cannot be attached" not_attached 1-3
check "its serial adapter is attached" attach 1-4
check "it has a serial port" until_true 20 port_is_there
check "NRST is pulsed with BOOT0 high" repl /dev/ttyACM0 pulse
check "the board is attached" attach 1-3
check "all three are ROMs" until_true 20 roms_are_there 3
finish
