#!/bin/sh
# alone.sh COMMAND...: run it while no other suite, lesson or demonstration of
# this clone is running: they would see each other's processes and mounts.
. "$(dirname "$0")/lib.sh"

mkdir -p build
own_directory build
if ! flock -n build/host.lock true; then
    say "waiting: another suite, lesson or demonstration is running here"
fi
exec flock -o build/host.lock "$@"
