# shellcheck shell=sh disable=SC2154
# Step 04: one root file system for all, and each may write to it.

name=demo-$$
layer=/var/lib/duct/steps/$name
at_end "$program rm $name"

checksum() {
    tar -C "$root" -cf - . | sha256sum
}

scene "Fifty containers share one root file system"
before=$(checksum)
run "du -sh $root"
tell "Each of them writes over the same file at the same time, and reads what" \
    "it has written. Copying that tree fifty times would take a while."
run "bash -c '
    time for i in \$(seq 50); do
        duct run $root sh -c \"echo \$i >/etc/issue; sleep 1; cat /etc/issue\" &
    done | sort -n | tail -n 3'"
expect "the tree is unchanged" "[ '$(checksum)' = '$before' ]"
tell "The tree itself is as it was, to the last byte:"
run "tar -C $root -cf - . | sha256sum"

scene "How: two directories, seen as one"
begin "duct run --name $name $root sleep 1000"
run "findmnt --task $pid --types overlay --output TARGET,OPTIONS"
tell "What is written goes to upperdir; lowerdir is only read."
run "duct exec $pid sh -c '
    echo hello >/root/note
    echo more >>/etc/passwd
    rm /etc/issue'"
run "duct diff $name"

scene "The upper layer, seen from the host"
run "cd $layer/upper && find . -ls"
tell "A changed file was copied up as a whole. A removed one is a whiteout, a" \
    "character device 0,0. Nobody had to look at the other files."
expect "a whiteout stands for the removed file" "[ -c $layer/upper/etc/issue ]"
finish

scene "A name keeps it, for a later run"
run "duct run --name $name $root cat /root/note"
run "duct rm $name"
run_badly "duct diff $name"

scene "Data of its own, and a root that nobody writes to"
run "mkdir $scratch/data && echo 'from the host' >$scratch/data/file"
run "duct run -v $scratch/data:/data $root sh -c '
    cat /data/file; echo \"and from inside\" >>/data/file'"
run "cat $scratch/data/file"
run_badly "duct run -v $scratch/data:/data:ro $root sh -c 'echo no >/data/file'"
run_badly "duct run --read-only $root touch /file"
run "duct run --read-only --tmpfs /scratch $root sh -c '
    echo yes >/scratch/file && cat /scratch/file'"
