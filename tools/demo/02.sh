# shellcheck shell=sh disable=SC2154
# Step 02: a view of the system that is its own.

scene "Which number am I? What is my name? What can I see?"
run "duct run --hostname box $root sh -c 'ps -e; uname -n; id'"
tell "Two processes, a name of its own, and root. And on the host:"
run "ps -e | wc -l; uname -n"

scene "The same container, seen from the host"
begin "duct run --hostname box $root sleep 1000"
run "ps -o pid,ppid,user,args -p $duct,$pid"
tell "One process with two numbers: the host's, and its own."
run "grep NSpid /proc/$pid/status"
tell "What is different is which namespaces it is in:"
run "lsns -p $pid"
run "ls -l /proc/self/ns /proc/$pid/ns | grep -o ' [a-z]* -> .*' | sort"
expect "its pid namespace is its own" \
    "! [ /proc/$pid/ns/pid -ef /proc/self/ns/pid ]"

scene "Going in: nsenter joins what it is told to, duct exec joins all"
tell "Only its name, with the host's programs:"
run "nsenter --target $pid --uts uname -n"
tell "Only its network, with the host's ip:"
run "nsenter --target $pid --net ip -brief address"
tell "All of it:"
run "duct exec $pid ps -e"

scene "What it has mounted, and what is gone"
run "findmnt --task $pid --output TARGET,FSTYPE,OPTIONS"
tell "The host's root directory is not among them, and so not to be reached:" \
    "the escape that worked in step 01 has nowhere to go."
run_badly "duct run $root sh -c 'chroot /proc/\$PPID/root ls /'"
tell "None of this is in the host's own table, and it goes with the container:"
run_badly "findmnt $top/$root/proc"

scene "The neighbour can't be touched any more"
tell "Its number on the host is $pid. From another container:"
run_badly "duct run $root sh -c 'kill -KILL $pid'"
run "ps -o pid,stat,args -p $pid"

scene "Root inside is not root outside"
run "grep -E 'Cap(Bnd|Eff)|NoNewPrivs' /proc/$pid/status"
run "capsh --decode=\$(sed -n 's/^CapEff:.//p' /proc/$pid/status)"
tell "Fourteen capabilities, docker's default. Mounting is not among them," \
    "and neither is setting the clock:"
run_badly "duct run $root mount -t tmpfs none /mnt"
run_badly "duct run $root date -s 12:00"

scene "What time is it, and what is not namespaced"
run "duct run --time-offset 864000 $root cat /proc/uptime; cat /proc/uptime"
tell "Ten days longer, for the container. The kernel is the host's, for all:"
run "duct run $root uname -r; uname -r"

scene "One namespace at a time"
tell "--share leaves one as it is: this container has the host's network."
run "duct run --share net $root ip -brief link; ip -brief link"

scene "PID 1 ends, and everything with it"
run "duct exec $pid sh -c 'sleep 2000 >/dev/null 2>&1 &'"
run "ps -o pid,args --ppid $pid"
tell "Nothing but the kernel is left to tidy up after this:"
run "kill -KILL $duct"
run_badly "sleep 0.3; ps -o pid,args --ppid $pid"

scene "And all this without root"
without_root=$(unprivileged)
if [ -n "$without_root" ]; then
    tell "An ordinary user gets a user namespace in which it is root:"
    run "$without_root duct run $root sh -c 'id; cat /proc/self/uid_map'"
else
    tell "This machine does not let ordinary users have user namespaces (or" \
        "they can't come to this directory): make doctor tells what to do."
fi
