#!/usr/bin/env bash
# performance.sh FOLDER [BOARD...]: runs in the virtual machine (see run) as root. Has dfu-util and Defuse flash the simulated
# boards of the benchmark in real time, both over libusb and the kernel, and leaves the figures in $VM_SHARE/performance.json.
# FOLDER holds bench/Defuse.Bench, published.
set -euo pipefail
DOTNET_ROOT=${DOTNET_ROOT:-$(dirname "$(readlink -f "$(command -v dotnet)")")}
export DOTNET_ROOT DOTNET_NOLOGO=1 DOTNET_TieredPGO=0
folder=$1
shift
"$folder/Defuse.Bench" --kernel "${VM_SHARE:-/tmp}/performance.json" "$@"
