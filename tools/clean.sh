#!/bin/sh
# clean.sh: remove what the build made. Root file systems, students' work and
# the VM's base image stay: they took long to make.
. "$(dirname "$0")/lib.sh"

for step in $(steps); do
    make -s -C "steps/$step" clean
done
make -s -C final clean
for path in build/* build/.[!.]*; do
    case $path in
    build/vm | build/\* | build/.\[*) ;;
    *) remove_tree "$path" ;;
    esac
done
rmdir build 2>/dev/null || true
