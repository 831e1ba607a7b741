# shellcheck shell=sh disable=SC2154
# Step 07: build what others can run.

box=rootfs/busybox
images=/var/lib/duct/steps/_images
on_a_lan # for the containers: the real network stays as it is
# Who interrupts it leaves containers that need a moment to end, and images
# without a name; their history tells from where they are.
at_end "$program rm demo-web
for try in 1 2 3 4 5; do
    left=\$({
        $program images | sed -n 's|^\(demo/[a-z]*\)  *\([^ ]*\) .*|\1:\2|p'
        cd $images/blobs/sha256 && grep -l 'Imported from $scratch' /dev/null \
            \$($program images -q --no-trunc | sed 's/sha256://')
    })
    [ -n \"\$left\" ] || break
    for image in \$left; do
        $program rmi \$image
    done || sleep 1
done"

# Whatever images there were before are none of our business.
kept() {
    find "$images"/blobs/sha256 "$images"/layers -mindepth 1 -maxdepth 1 \
        2>/dev/null | sort
}
before=$(kept)

scene "A recipe"
tell "An image was a tar, a hash and a page of JSON, and nobody had written" \
    "down which. Here is one that says so:"
run "tar -c -C $box --sort=name -f $scratch/box.tar . &&
    duct import $scratch/box.tar demo/box"
mkdir -p "$scratch/app/www"
cat >"$scratch/app/Dockerfile" <<'E'
FROM demo/box
RUN rm /etc/issue && echo "built by duct" >/etc/motd
COPY www/ /www/
CMD ["cat", "/etc/motd", "/www/index.html"]
E
run "cd $scratch/app && echo 'Hello from a Dockerfile' >www/index.html && cat Dockerfile"
run "duct build -t demo/first $scratch/app"
run "duct run demo/first"
tell "An image for each line; and a layer, if the line has changed files. Of" \
    "the RUN that is its container's upper directory:"
run "duct history demo/first"
first=$images/blobs/sha256/$(duct images --no-trunc |
    sed -n 's/^demo\/first .*sha256:\([0-9a-f]*\).*/\1/p')
run "tar -tvf $images/blobs/sha256/$(jq -r '.rootfs.diff_ids[1][7:]' "$first")"

scene "What was done before"
run "duct build -t demo/second $scratch/app | grep -e CACHED -e built"
run "touch $scratch/app/www/index.html
    duct build -t demo/second $scratch/app | grep -c CACHED"
tell "That was only the time. Now a word more; and all behind the line that" \
    "differs is done again:"
run "echo 'and good-bye' >>$scratch/app/www/index.html
    duct build -t demo/third $scratch/app"
expect "the RUN is cached, and no more" \
    "[ \$(duct build -t demo/fourth $scratch/app | grep -c CACHED) = 3 ]"

scene "Mistakes cost nothing"
run_badly "printf 'FROM demo/box\nRUN sleep 1000\nCPOY www /\n' | duct build -f - $scratch/app"
tell "Somebody has sent you his program, with a link in it, and you build it" \
    "as root:"
ln -s /etc/shadow "$scratch/app/key"
run "ls -l $scratch/app/key"
run_badly "printf 'FROM demo/box\nCOPY key /\n' | duct build -f - $scratch/app"

scene "Upon other people's images"
if command -v skopeo >/dev/null && command -v umoci >/dev/null; then
    theirs=$scratch/theirs:docker.io/demo/theirs:latest
    run "skopeo --insecure-policy copy -q oci:$images:docker.io/demo/box:latest oci:$theirs &&
    umoci unpack --image $theirs $scratch/bundle &&
    echo 'Hello from umoci' >$scratch/bundle/rootfs/etc/motd &&
    umoci repack --image $theirs $scratch/bundle"
    run "tar -c -C $scratch/theirs . | duct load"
    run "printf 'FROM demo/theirs\nRUN sed -i s/umoci/both/ /etc/motd\nCMD [\"cat\", \"/etc/motd\"]\n' |
    duct build -t demo/fifth -f - $scratch/app && duct run demo/fifth"
else
    tell "(skopeo and umoci write images as well; they are not installed" \
        "here: sudo make setup)"
fi

# A Debian's own list says where its packages are: HOST/PORT.
mirror=$(sed -n -e 's|^deb [^#]*\(https*\)://\([^/ ]*\).*|\2:\1|' \
    -e 's|:https$|:443|; s|:http$|:80|; s|^\([^ :]*\):\([0-9]*\).*|\1/\2|p' \
    rootfs/debian/etc/apt/sources.list 2>/dev/null | head -n 1)
if [ -z "$mirror" ]; then
    tell "(With a Debian a RUN could install packages: make rootfs-debian)"
elif ! timeout 3 bash -c ": </dev/tcp/$mirror" 2>/dev/null; then
    tell "(With a network a RUN could install packages; ${mirror%/*} can't be" \
        "reached from here.)"
else
    scene "A package"
    tell "The network made for this demonstration leads nowhere, so this one" \
        "uses yours. A Debian, without what nobody reads in a container:"
    lan=$here here=''
    run "tar -c -C rootfs/debian --exclude='./usr/share/doc/*' --exclude='./usr/share/man/*' \\
    --exclude='./usr/share/locale/*' --exclude='./var/lib/apt/lists/*' -f $scratch/debian.tar . &&
    duct import $scratch/debian.tar demo/debian"
    rm "$scratch/debian.tar"
    cat >"$scratch/Dockerfile" <<'E'
FROM demo/debian
RUN apt-get update && \
    apt-get install -y --no-install-recommends hello && \
    rm -rf /var/lib/apt/lists/*
CMD ["hello"]
E
    run "cat $scratch/Dockerfile"
    prompt "duct build -t demo/hello --network host -f $scratch/Dockerfile $scratch/app"
    if timeout 20 duct build -t demo/hello --network host \
        -f "$scratch/Dockerfile" "$scratch/app" >"$scratch/log" 2>&1; then
        grep -e ^Step -e ^Setting -e ^Succ "$scratch/log"
        run "duct run --network none demo/hello"
    else
        tail -n 3 "$scratch/log"
        tell "(So much for the mirror; the rest needs none.)"
    fi
    here=$lan
fi

scene "A web application"
mkdir -p "$scratch/web/www/cgi-bin"
cat >"$scratch/web/www/cgi-bin/visits" <<'E'
#!/bin/sh
n=$(($(cat /data/visits 2>/dev/null || echo 0) + 1))
echo $n >/data/visits
printf 'Content-Type: text/plain\r\n\r\n%s You are visitor %d.\n' "$GREETING" $n
E
cat >"$scratch/web/Dockerfile" <<'E'
FROM demo/box
RUN mkdir -m 777 /data
ENV PORT=8080 GREETING=Welcome.
ARG VERSION=dev
WORKDIR /www
COPY www .
RUN chmod +x cgi-bin/* && echo "version $VERSION" >index.html
USER nobody
EXPOSE 8080
VOLUME /data
CMD exec httpd -f -p $PORT -h /www
E
run "cat $scratch/web/Dockerfile $scratch/web/www/cgi-bin/visits"
run "duct build -t demo/web --build-arg VERSION=1.0 $scratch/web"
run "duct build -t demo/web --build-arg VERSION=1.0 $scratch/web | grep -c CACHED"
mkdir -m 777 "$scratch/volume"
begin "duct run --name demo-web -p 80:8080 -v $scratch/volume:/data demo/web"
sleep 0.3
get="timeout 5 busybox wget -qO- http://192.0.2.1"
tell "The neighbour's browser:"
run_there "$get"
run_there "$get/cgi-bin/visits && $get/cgi-bin/visits"
run "grep -E '^(Name|Uid|CapEff)' /proc/$pid/status; duct diff demo-web"
tell "It is nobody, its layer is empty, and what it knows is in a volume:"
run "cat $scratch/volume/visits"
run "duct save -o $scratch/web.tar demo/web && tar -tf $scratch/web.tar | head -n 3"
tell "Docker and podman load that file. And this was all that a container" \
    "needs, from chroot to here: a root, a view, a share, a layer, a cable, an" \
    "image, a recipe."
finish
run "duct rm demo-web"
forget=$(duct images | sed -n 's|^\(demo/[a-z]*\) .*|\1|p')
# shellcheck disable=SC2086
$here duct rmi $forget >/dev/null
[ "$(kept)" = "$before" ] || die "the store is not as it was"
