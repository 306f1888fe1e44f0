#!/usr/bin/env bash
# doctor.sh FOLDER [SIMULATE ARGUMENT...]: runs in the virtual machine (see run and checks.sh) as root, with FOLDER as for the
# others. A user who is not root and has no rule meets a board, is told why it does not open, has `defuse doctor --fix` write the
# rule through sudo, flashes the board, and takes the rule back.
set -uo pipefail
source "$(dirname "$(readlink -f "$0")")/checks.sh"

rule=/etc/udev/rules.d/60-defuse.rules
rm -f "$rule" /usr/lib/udev/rules.d/60-defuse.rules
useradd --create-home --groups plugdev tester
as_user() { setpriv --reuid tester --regid tester --init-groups env -i HOME=/home/tester PATH=/usr/bin:/bin NO_COLOR=1 DOTNET_ROOT="$DOTNET_ROOT" "$@"; }
attach() { until_true 30 usbip --tcp-port 3240 attach -r 127.0.0.1 -b 1-1 && until_true 30 eval 'lsusb | grep -F 0483:df11'; }

# says STATUS TEXT COMMAND...: the user's command ends so and says that.
says() {
    local wanted=$1 text=$2 status=0
    shift 2
    as_user "$defuse" "$@" > "$work/said" 2>&1 < /dev/null || status=$?
    cat "$work/said"
    [[ $status -eq $wanted ]] && tr '\n' ' ' < "$work/said" | tr -s ' ' | grep -qF -- "$text"
}

same_rule() { cmp "$rule" "$here/../release/60-defuse.rules"; }
gone() { [[ ! -e $rule ]]; }
node() { lsusb | awk '/0483:df11/ { print "/dev/bus/usb/" $2 "/" substr($4, 1, 3) }'; }
closed() { usbip detach -p 00 && sleep 1 && attach && udevadm settle --timeout 30 && [[ -e $(node) ]] && ! as_user test -w "$(node)"; }

cp "$sample/blinky.dfu" /tmp/
# The machine whose root file system is under this one may be a container; this one is none.
rm -f /.dockerenv /run/.containerenv
check "udev runs" /lib/systemd/systemd-udevd --daemon
if simulate 3240 nucleo-f767zi "$@"; then
    check "attach" attach
    udevadm settle --timeout 30
    check "without a rule the doctor says why, and a dry run writes nothing" says 0 'you may not open it' doctor --fix --dry-run
    check "nothing was written" gone
    echo 'tester ALL=(root) NOPASSWD: ALL' > /etc/sudoers.d/tester
    check "the rule is written through sudo, and the board opens" says 0 'Opens' doctor --fix --yes
    check "it is the rule of the Debian package" same_rule
    check "the user flashes the board" says 0 'Verified' flash /tmp/blinky.dfu --no-start
    check "the rule is taken back" says 0 'removed' doctor --undo --yes
    check "it is gone" gone
    check "a board that is plugged in now is closed to the user" closed
fi

finish
