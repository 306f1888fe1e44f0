#!/usr/bin/env bash
# newcomers.sh FOLDER: runs entering.sh and doctor.sh in one virtual machine. The last one starts udev.
status=0
for script in entering doctor; do
    "$(dirname "$(readlink -f "$0")")/$script.sh" "$@" || status=1
done
exit "$status"
