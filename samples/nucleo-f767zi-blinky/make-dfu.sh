#!/bin/sh
# make-dfu.sh IN.bin OUT.dfu: a DfuSe file (UM0391) with one element at 0x08000000 for alternate setting 0.
# dfu-suffix appends the suffix and its CRC.
set -eu
name="NUCLEO-F767ZI blinky"
size=$(wc -c < "$1")

le32() {
    printf "\\$(printf %03o $(($1 & 255)))\\$(printf %03o $(($1 >> 8 & 255)))"
    printf "\\$(printf %03o $(($1 >> 16 & 255)))\\$(printf %03o $(($1 >> 24 & 255)))"
}

zeros() { head -c "$1" /dev/zero; }

{
    printf 'DfuSe\001'; le32 $((11 + 274 + 8 + size)); printf '\001'
    printf 'Target\000'; le32 1; printf %s "$name"; zeros $((255 - ${#name})); le32 $((8 + size)); le32 1
    le32 0x08000000; le32 "$size"; cat "$1"
} > "$2"
dfu-suffix --spec 0x011A --vid 0x0483 --pid 0xDF11 --did 0xFFFF --add "$2" > "$2.log" 2>&1 || { cat "$2.log" >&2; exit 1; }
rm "$2.log"
