# shellcheck shell=sh disable=SC2154
# Step 01: another root directory, and nothing else.

scene "A program that takes another directory for /"
tell "$root is a directory like any other. Here it is on the host:"
run "ls $root"
tell "And here is a shell that takes it for /:"
run "duct run $root /bin/sh -c 'pwd; ls /'"
tell "The same path leads to different files, inside and outside:"
run "duct run $root sh -c 'ls /usr/bin | wc -l'"
run "ls /usr/bin | wc -l"

scene "What it is: a process with another root"
begin "duct run $root sleep 1000"
tell "Seen from the host it is an ordinary process, with an ordinary number."
run "ps -o pid,ppid,user,args -p $duct,$pid"
run "ls -l /proc/$pid/root"
expect "its root is $root" "[ /proc/$pid/root -ef $root ]"
tell "That link is all there is to it: two system calls, fork and chroot."
run "duct run --explain $root true"

scene "What it is not: isolated"
tell "A second container, beside the first. It can see its neighbour's" \
    "processes, and the host's: it only has to mount /proc to look."
run "duct run $root sh -ec '
    mount -t proc proc /proc
    ps -e | wc -l
    tr \"\\0\" \" \" </proc/$pid/cmdline; echo
    umount /proc'"
tell "What it can see it can end, being root:"
run "duct run $root sh -c 'kill -KILL $pid'"
expect "the neighbour is dead" "sleep 0.2; ! kill -0 $pid"
wait "$duct" || say "(137 = 128 + 9: ended by signal KILL) duct ended with $?"
tell "And its name is the host's name:"
run "duct run $root uname -n; uname -n"

scene "What it is not: a way to lock anybody in"
tell "The container's parent is duct, and duct's root directory is the" \
    "host's. Whoever is root inside and has /proc can go there:"
run "duct run $root sh -ec '
    mount -t proc proc /proc
    chroot /proc/\$PPID/root ls / || failed=\$?
    umount /proc
    exit \$failed'"
tell "That was the host's root directory. So step 02 takes the processes, the" \
    "mounts and the names away from the container."
