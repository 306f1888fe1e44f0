#!/usr/bin/env bash
# installed.sh FOLDER [SIMULATE ARGUMENT...]: runs in the virtual machine (see run and checks.sh) as root, with FOLDER as
# eng/release/build made it. A user who is not root meets a board that may not be opened, installs the Debian package, and flashes it.
set -uo pipefail
release=$(readlink -e "$1") || { echo "FAILED to find $1"; exit 1; }
shift
mkdir -p /tmp/single && cp "$release"/defuse-*-linux-x64 /tmp/single/defuse && chmod 755 /tmp /tmp/single
set -- /tmp/single "$@"
source "$(dirname "$(readlink -f "$0")")/checks.sh"

useradd --create-home --groups plugdev tester
# What the user's program writes goes to the user's own folder.
as_user() { setpriv --reuid tester --regid tester --init-groups env -i HOME=/home/tester PATH=/usr/bin:/bin NO_COLOR=1 "$@"; }
is_listed_as() { as_user "$1" list --json | tee "$work/list" | grep -F '"usbId":"0483:df11"' | grep -F "$2" > /dev/null || { cat "$work/list"; return 1; }; }
attach() { usbip --tcp-port 3240 attach -r 127.0.0.1 -b 1-1 && until_true 30 eval 'lsusb | grep -F 0483:df11'; }
device_of_user() { as_user /usr/bin/defuse list | awk '$1 ~ /^dfu:/ { print $1 }'; }
flash() { as_user /usr/bin/defuse flash /tmp/blinky.dfu --device "$(device_of_user)" > "$work/flash" 2>&1; local status=$?; cat "$work/flash"; [[ $status -eq 0 ]] && grep -q '^Verified' "$work/flash"; }

cp "$sample/blinky.dfu" /tmp/
check "udev runs" /lib/systemd/systemd-udevd --daemon
if simulate 3240 nucleo-f767zi "$@"; then
    check "attach" attach
    check "a user may not open the board, and is told why" is_listed_as /tmp/single/defuse '"access":"permission-denied"'
    check "the Debian package is installed" dpkg -i "$release"/defuse_*_amd64.deb
    udevadm settle --timeout 30
    check "now the user may" is_listed_as /usr/bin/defuse '"canOpen":true'
    check "the user flashes the board" flash
fi

finish
