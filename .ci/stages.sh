# Sourced by run and long: stages that are timed and counted.

passed=0
failed=0
temporary=$(mktemp -d)
# Another user runs what is published there.
chmod 755 "$temporary"
trap 'rm -rf "$temporary"' EXIT
export DEFUSE_TEST_PYBRICKS=$temporary/npm/node_modules/@pybricks/firmware
# The same build whoever runs this: source paths are recorded as /_/…, relative to the repository.
export CI=true
export DEBIAN_FRONTEND=noninteractive DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 NO_COLOR=1 TERM=dumb

# stage NAME COMMAND...: one check, passed if the command succeeds.
stage() {
    stage_counting one_check "$@"
}

# stage_counting COUNTER NAME COMMAND...: COUNTER STATUS LOG sets what passed and failed in the stage.
stage_counting() {
    local counter=$1 name=$2 status=0 started=$SECONDS stage_passed=0 stage_failed=0
    shift 2
    printf '\n=== %s\n' "$name"
    "$@" 2>&1 < /dev/null | tee "$temporary/stage.log" || status=$?
    "$counter" "$status" "$temporary/stage.log"

    # A command that failed has failed, whatever its output says.
    [[ $status -eq 0 || $stage_failed -gt 0 ]] || stage_failed=1
    passed=$((passed + stage_passed))
    failed=$((failed + stage_failed))
    [[ $stage_failed -eq 0 ]] || remember_failures "$name" "$temporary/stage.log"
    printf '=== %s: %d passed, %d failed, %d s\n' "$name" "$stage_passed" "$stage_failed" $((SECONDS - started))
    [[ $stage_failed -eq 0 ]]
}

# remember_failures NAME LOG: what the summary repeats of a stage, for who sees only the end of the log: the tests and checks
# that failed with the lines below them, or else the stage's last lines.
remember_failures() {
    {
        printf '\n=== failed in: %s\n' "$1"
        grep -E -A 12 '^(failed |FAILED )' "$2" || tail -n 30 "$2"
    } | cut -c -400 | head -n 150 >> "$temporary/failures"
}

one_check() { [[ $1 -ne 0 ]] || stage_passed=1; }

# What could not be tried here counts neither way.
one_check_if_tried() { [[ $1 -ne 0 ]] || grep -q '^not tried' "$2" || stage_passed=1; }

# The summary that Microsoft.Testing.Platform prints at the end of dotnet test; an error is a test project that ran nothing
# or broke off. Nothing run at all is a failure.
tests() {
    stage_passed=$(awk '/^Test run summary/ { n = 0 } $1 == "succeeded:" { n += $2 } END { print n + 0 }' "$2")
    stage_failed=$(awk '/^Test run summary/ { n = 0 } $1 == "failed:" || $1 == "error:" { n += $2 } END { print n + 0 }' "$2")
    [[ $((stage_passed + stage_failed)) -gt 0 ]] || stage_failed=1
}

# The lines that the scripts in eng/usb-vm print. None at all is a failure.
checks() {
    stage_passed=$(grep -c '^ok ' "$2")
    stage_failed=$(grep -c '^FAILED ' "$2")
    [[ $((stage_passed + stage_failed)) -gt 0 ]] || stage_failed=1
}

# install PACKAGE...: those that are not there yet.
install() {
    local package missing=()
    for package in "$@"; do
        dpkg-query -W -f '${Status}' "$package" 2> /dev/null | grep -q ' installed$' || missing+=("$package")
    done
    [[ ${#missing[@]} -gt 0 ]] || return 0
    echo "installing ${missing[*]}"
    apt-get update -qq && apt-get install -qq -y --no-install-recommends "${missing[@]}" > "$temporary/apt.log" 2>&1 ||
        { tail -n 20 "$temporary/apt.log"; return 1; }
}

# Firmware that Debian and npm package, for tests that skip where it is absent.
firmware_of_others() {
    install hackrf-firmware ubertooth-firmware firmware-tomu firmware-microbit-micropython || return 1
    command -v npm > /dev/null || install npm || return 1
    npm install --prefix "$temporary/npm" --no-save --no-audit --no-fund --ignore-scripts --loglevel error @pybricks/firmware@7.28.0 || return 1
    ls "$DEFUSE_TEST_PYBRICKS"/build/*.zip
}

publish() {
    dotnet publish src/Defuse.Cli -c Release -r linux-x64 --self-contained false -p:PublishReadyToRun=true -o "$temporary/cli"
}

# boards [SIMULATE ARGUMENT...]
boards() {
    mkdir -p "$temporary/share"
    VM_SHARE="$temporary/share" eng/usb-vm/run --time-limit 1200 eng/usb-vm/all.sh "$temporary/cli" "$@"
}

# From a program's serial port to DFU and back, through the kernel's cdc-acm; and a user who may not open a board, and what
# defuse doctor does about that. From the same folder as boards.
newcomers() {
    mkdir -p "$temporary/share"
    VM_SHARE="$temporary/share" eng/usb-vm/run --time-limit 900 eng/usb-vm/newcomers.sh "$temporary/cli"
}

# SourceLink wants a public origin; the tree stays as it is.
release() {
    git clone -q . "$temporary/clone" && git -C "$temporary/clone" remote set-url origin https://github.com/defuse-project/defuse.git &&
        "$temporary/clone/eng/release/build" "$temporary/clone/artifacts/release"
}

release_checked() { "$temporary/clone/eng/release/check" "$temporary/clone/artifacts/release"; }

# The Debian package and its udev rules, as a user meets them.
installed() {
    mkdir -p "$temporary/share"
    VM_SHARE="$temporary/share" eng/usb-vm/run --time-limit 600 eng/usb-vm/installed.sh "$temporary/clone/artifacts/release"
}

publish_compatibility() {
    dotnet publish eng/Defuse.Compatibility -c Release -r linux-x64 --self-contained false -p:PublishReadyToRun=true -o "$temporary/compatibility"
}

# Every simulated board by every operation, beside docs/compatibility.md.
compatibility() {
    mkdir -p "$temporary/share"
    VM_SHARE="$temporary/share" eng/usb-vm/run --time-limit 1500 eng/usb-vm/compatibility.sh "$temporary/compatibility" "$PWD/docs/compatibility.md" "$@"
}

# A board of each kind of bootloader, for what is run often. Not the F767's and the H743's, which other stages have, nor
# maple: dfu-util may lose the race with its leaving on a busy machine.
some_rows() {
    local row rows=()
    for row in stm32l476g-disco 32f072bdiscovery nucleo-c562re gd32vf103 daisy pybd-sf6 dfu11-detach; do
        rows+=(--only "$row")
    done
    compatibility "${rows[@]}"
}

# Defuse through libusb and the kernel's own USB stack; from the same folder as the table.
libusb() {
    mkdir -p "$temporary/share"
    VM_SHARE="$temporary/share" eng/usb-vm/run --time-limit 900 eng/usb-vm/libusb.sh "$temporary/compatibility" "$@"
}

# What failed, once more; the last line, and the status to exit with.
summary() {
    cat "$temporary/failures" 2> /dev/null
    printf '\n%d passed, %d failed\n' "$passed" "$failed"
    [[ $failed -eq 0 ]]
}
