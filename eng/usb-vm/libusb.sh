#!/usr/bin/env bash
# libusb.sh FOLDER [PART...]: runs in the virtual machine (see run) as root. Defuse through libusb and the kernel's own USB
# stack, on simulated boards that vhci_hcd has, in one process: who may open a board (access), 200 times plugged in (rounds),
# faults (faults), 100 boards at once (crowd). FOLDER holds eng/Defuse.Compatibility, published.
set -uo pipefail
DOTNET_ROOT=${DOTNET_ROOT:-$(dirname "$(readlink -f "$(command -v dotnet)")")}
export DOTNET_ROOT DOTNET_NOLOGO=1
folder=$1
shift
status=0
if [[ $# -gt 0 ]]; then
    "$folder/compatibility" stack "$@" || status=1
else
    "$folder/compatibility" stack access faults crowd || status=1
fi

# Only where udev runs does libusb tell by itself what comes and goes; the other checks do without.
if [[ $# -eq 0 ]]; then
    /lib/systemd/systemd-udevd --daemon || status=1
    "$folder/compatibility" stack rounds || status=1
fi
exit "$status"
