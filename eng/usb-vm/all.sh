#!/usr/bin/env bash
# all.sh FOLDER [SIMULATE ARGUMENT...]: runs the scripts with checks in one virtual machine.
status=0
# The last one leaves a usbipd on USB/IP's port.
for script in dfu-util-boards many-boards front-end programs stock-usbipd; do
    "$(dirname "$(readlink -f "$0")")/$script.sh" "$@" || status=1
done
exit "$status"
