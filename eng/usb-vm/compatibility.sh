#!/usr/bin/env bash
# compatibility.sh FOLDER TABLE [ARGUMENT...]: runs in the virtual machine (see run) as root. Has dfu-util, over the kernel's
# USB/IP, and Defuse do everything to every simulated board, and compares the table of what came of it with TABLE
# (docs/compatibility.md). FOLDER holds eng/Defuse.Compatibility, published; further arguments go to it. If they differ, the new table is in
# $VM_SHARE/compatibility.md.
set -uo pipefail
DOTNET_ROOT=${DOTNET_ROOT:-$(dirname "$(readlink -f "$(command -v dotnet)")")}
export DOTNET_ROOT DOTNET_NOLOGO=1
folder=$1 table=$2
shift 2
work=${VM_SHARE:-/tmp}/compatibility.md
cp "$table" "$work" || exit 1
"$folder/compatibility" --script "$(dirname "$(readlink -f "$0")")/impatient.py" "$@" "$work"
