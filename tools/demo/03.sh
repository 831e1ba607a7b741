# shellcheck shell=sh disable=SC2154
# Step 03: a share of the machine, and no more.

# control CONTROLLER V2FILE V1FILE: where the container's setting is, on
# whichever hierarchy holds the controller.
control() {
    own=$(sed -n "s/^[0-9]*:\([^:]*,\)*$1\(,[^:]*\)*:\(.*\)/\3/p" \
        "/proc/$pid/cgroup")
    if [ -n "$own" ]; then
        say "$(findmnt -no TARGET -t cgroup -O "$1" | head -n 1)$own/$3"
    else
        own=$(sed -n 's/^0:://p' "/proc/$pid/cgroup")
        say "$(findmnt -no TARGET -t cgroup2 | head -n 1)$own/$2"
    fi
}

scene "A limit is a number in a file"
begin "duct run --memory 64m --pids-limit 20 $root sleep 1000"
tell "The kernel keeps it in a cgroup that has this container's name:"
run "cat /proc/$pid/cgroup"
run "cat $(control memory memory.max memory.limit_in_bytes)"
expect "the limit is 64 MiB" "[ \$(cat \
    $(control memory memory.max memory.limit_in_bytes)) -eq 67108864 ]"
run "cat $(control pids pids.max pids.max)"
run "duct stats $pid"
neighbour=$duct neighbour_pid=$pid

scene "Too much memory: one dies, its neighbour lives"
tell "dd wants 256 MiB for its buffer and gets 64. 137 = 128 + 9, KILL:"
run_to 137 "duct run --memory 64m $root \\
    dd if=/dev/zero of=/dev/null bs=256M count=1"
run "ps -o pid,stat,args -p $neighbour_pid"

scene "Too many processes: the fork bomb fizzles out"
run_badly "duct run --pids-limit 20 $root sh -c '
    for i in \$(seq 100); do sleep 3 & done; wait'"
tell "The host has not felt it. Without the limit it would have."

scene "Too much CPU: a quarter of one is a quarter"
begin "duct run --cpus 0.25 $root sh -c 'while :; do :; done'"
run "sleep 3; ps -o pid,pcpu,args -p $pid"
run "duct stats $pid"

scene "Time out: freeze it, look, let it go on"
run "duct pause $pid"
used=$(awk '{ print $14 + $15 }' "/proc/$pid/stat")
run "for i in 1 2 3; do awk '{ print \$14 + \$15, \"ticks used\" }' \\
    /proc/$pid/stat; sleep 0.5; done"
expect "a paused container uses no CPU" \
    "[ \$(awk '{ print \$14 + \$15 }' /proc/$pid/stat) -le $((used + 1)) ]"
run "duct unpause $pid"
finish

scene "Which CPUs"
run "duct run --cpuset-cpus 0 $root nproc; nproc"

scene "Afterwards"
pid=$neighbour_pid
limit=$(control memory memory.max memory.limit_in_bytes)
tell "Its init has no handler for TERM, so only KILL ends it (docker stop" \
    "waits ten seconds and then does the same):"
run "kill -TERM $pid; sleep 0.2; ps -o pid,stat,args -p $pid"
run "kill -KILL $pid"
wait "$neighbour" || true
tell "The container is gone, and its cgroup with it:"
run_badly "ls ${limit%/*}"
