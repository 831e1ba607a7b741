# shellcheck shell=sh disable=SC2154
# Step 06: run what others have packed.

box=rootfs/busybox
images=/var/lib/duct/steps/_images
on_a_lan # for the containers: the real network stays as it is
# Who interrupts it leaves containers that need a moment to end.
at_end "$program rm demo-web
for try in 1 2 3 4 5; do
    left=\$($program images | sed -n 's|^\(demo/[a-z]*\) .*|\1|p')
    [ -n \"\$left\" ] || break
    $program rmi \$left || sleep 1
done"

# Whatever images there were before are none of our business.
kept() {
    find "$images"/blobs/sha256 "$images"/layers -mindepth 1 -maxdepth 1 \
        2>/dev/null | sort
}
before=$(kept)

scene "A tar of a file system is nearly an image"
run "tar -c -C $box --sort=name -f $scratch/1.tar . && sha256sum $scratch/1.tar"
run "duct import $scratch/1.tar demo/base"
run "duct run demo/base cat /etc/issue"
tell "What has it made of that tar? A name leads to a manifest, by digest; and" \
    "that to a page of settings and to the tar itself."
run "jq '.manifests[] | select(.annotations[] | endswith(\"/demo/base:latest\"))' $images/index.json"
manifest=$(jq -r '.manifests[] | select(.annotations[] |
    endswith("/demo/base:latest")).digest[7:]' $images/index.json)
run "jq . $images/blobs/sha256/$manifest"
base=$images/blobs/sha256/$(jq -r '.config.digest[7:]' \
    "$images/blobs/sha256/$manifest")
run "jq -c . $base"
tell "A file is called by the hash of what is in it. Everybody can check that:"
run "cd $images/blobs/sha256 && sha256sum $manifest"

scene "A second layer: what is new, and what is gone"
mkdir -p "$scratch/changes/etc"
run "cd $scratch/changes && echo 'Hello from a layer' >etc/motd && touch etc/.wh.issue
    tar -c -f ../2.tar . && tar -tf ../2.tar"
tell "Settings for both, from those of the first; and docker's list of what is" \
    "what:"
run "cd $scratch && jq --arg two sha256:\$(sha256sum <2.tar | head -c 64) '
    .config = {Cmd: [\"cat\", \"/etc/motd\"], User: \"nobody\", WorkingDir: \"/data\"} |
    .rootfs.diff_ids += [\$two] | .history += [{created: .created, created_by: \"an editor\"}]
    ' $base >config.json
    echo '[{\"Config\": \"config.json\", \"RepoTags\": [\"demo/hello\"],
    \"Layers\": [\"1.tar\", \"2.tar\"]}]' >manifest.json
    tar -cf hello.tar manifest.json config.json 1.tar 2.tar"
run "duct load -i $scratch/hello.tar"
run "duct run demo/hello"
run "duct run demo/hello sh -c 'pwd; id; ls /etc'"
tell "The name .wh.issue has become what overlay understands:"
run "ls -l $images/layers/$(sha256sum <"$scratch/2.tar" | head -c 64)/etc"

scene "Nobody copies a layer"
run "duct images | grep -e ID -e demo/"
before_many=$(du -s "$images/layers")
run "bash -c '
    time for i in \$(seq 50); do
        duct run -u 0 demo/hello sh -c \"echo \$i >/etc/motd; sleep 1; cat /etc/motd\" &
    done | sort -n | tail -n 2'"
expect "the layers are as before" "[ '$(du -s "$images/layers")' = '$before_many' ]"
begin "duct run --name demo-web demo/hello sleep 1000"
run "findmnt --task $pid --noheadings --output OPTIONS / |
    grep -o 'lowerdir=[^,]*' | tr := '\n\n'"
run "grep -E '^(Uid|Groups|CapEff)' /proc/$pid/status"
run_badly "duct rmi demo/hello"
finish
run "duct rm demo-web"

scene "Other people's tools"
run "duct save -o $scratch/saved.tar demo/hello && tar -tf $scratch/saved.tar"
if command -v skopeo >/dev/null; then
    run "skopeo inspect docker-archive:$scratch/saved.tar | jq -c '[.Os, .Architecture, .Layers]'"
    tell "It reads our store as it is, and we read what it writes:"
    run "skopeo --insecure-policy copy -q oci:$images:docker.io/demo/hello:latest \\
    docker-archive:$scratch/theirs.tar:demo/talk:latest &&
    duct load -i $scratch/theirs.tar && duct run demo/talk"
else
    tell "(skopeo would read that, and our store as well; it is not installed" \
        "here: sudo make setup)"
fi
if command -v umoci >/dev/null; then
    run "umoci stat --image $images:docker.io/demo/hello:latest"
else
    tell "(so would umoci, which is not installed either)"
fi

scene "What is not what it is called"
tell "Somebody changes one word of the settings, in the store:"
config=$images/blobs/sha256/$(sha256sum <"$scratch/config.json" | head -c 64)
run "sed -i s/motd/mold/ $config"
run_badly "duct run demo/hello"
run "sed -i s/mold/motd/ $config && duct run demo/hello"
tell "Somebody puts another layer into the archive:"
run "cd $scratch && echo 'Hello from a thief' >changes/etc/motd &&
    tar -c -f 2.tar -C changes . && tar -c manifest.json config.json 1.tar 2.tar >forged.tar"
run_badly "duct load -i $scratch/forged.tar"

scene "A tar that leads out"
run "cd $scratch && mkdir -p a b/way && ln -s $scratch a/way && echo gotcha >b/way/out
    tar -c -f out.tar -C a way && tar -r -f out.tar -C b way/out && tar -tvf out.tar"
tell "The link leads to a directory of the host's. Whoever unpacks this is in" \
    "another root directory, where there is no such thing:"
run_badly "duct import $scratch/out.tar demo/out"
run_badly "cat $scratch/out"

scene "Forgotten"
run "duct rmi demo/hello demo/base"
if command -v skopeo >/dev/null; then
    run "duct rmi demo/talk"
fi
[ "$(kept)" = "$before" ] || die "the store is not as it was"
tell "No name leads to those layers any more, so they are gone."
run "ls $images/blobs/sha256 $images/layers"
