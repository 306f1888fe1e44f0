#!/usr/bin/env bash
# programs.sh FOLDER [SIMULATE ARGUMENT...]: runs in the virtual machine (see run and checks.sh) as root. A simulated board's
# program is a serial port of the kernel's cdc-acm, its REPL answers, and the ROM comes when the program is asked for it.
set -uo pipefail

source "$(dirname "$(readlink -f "$0")")/checks.sh"
boards=('nucleo-f767zi?program=micropython')

attach() { until_true 30 usbip attach -r 127.0.0.1 -b "$1"; }
port_is_there() { [[ -c /dev/ttyACM0 ]]; }
port_is_gone() { [[ ! -e /dev/ttyACM0 ]]; }
rom_is_there() { timeout 20 dfu-util -l | grep -F 'Found DFU: [0483:df11]'; }
has_ids() { cat /sys/class/tty/ttyACM0/device/../{idVendor,idProduct,product,serial} && grep -q "^$1\$" /sys/class/tty/ttyACM0/device/../idVendor; }
repl() { timeout 60 python3 "$here/repl.py" "$@"; }

simulate 3240 "${boards[@]}" "$@" || finish
check "the board is attached" attach 1-1
check "it has a serial port" until_true 20 port_is_there
check "of MicroPython's" has_ids f055
check "its REPL answers, through several opens and an interrupted program" repl /dev/ttyACM0 talk
check "it takes 100 kB and sends all of it back" repl /dev/ttyACM0 much
check "it is asked for its bootloader" repl /dev/ttyACM0 bootloader
check "its serial port goes" until_true 20 port_is_gone
check "it is attached again" attach 1-1
check "it is the ROM" until_true 20 rom_is_there
finish
