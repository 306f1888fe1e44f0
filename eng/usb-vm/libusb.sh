#!/usr/bin/env bash
# libusb.sh FOLDER [PART...]: runs in the virtual machine (see run) as root. Defuse through libusb and the kernel's own USB
# stack, on simulated boards that vhci_hcd has, in one process: who may open a board (access), faults (faults), 75 times
# plugged in (rounds) or 200 (rounds200), 100 boards at once (crowd). FOLDER holds eng/Defuse.Compatibility, published.
set -uo pipefail
DOTNET_ROOT=${DOTNET_ROOT:-$(dirname "$(readlink -f "$(command -v dotnet)")")}
export DOTNET_ROOT DOTNET_NOLOGO=1
folder=$1
shift
"$folder/compatibility" stack "$@"
