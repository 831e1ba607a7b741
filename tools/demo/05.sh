# shellcheck shell=sh disable=SC2154
# Step 05: connect it, without giving it the host's network.

box=rootfs/busybox # it has a web server in it
on_a_lan
tell "From here on all is in a network made for this demonstration, so that" \
    "yours stays as it is. This machine is 192.0.2.1, its neighbour 192.0.2.2."
untouched=$($here sh -c 'ip -o link; nft list ruleset')

scene "What there is without a cable, and without a wall"
run "duct run --network none $box ip addr"
run "duct run --network host $box ip -o link"
tell "The first can talk to itself only. The second has everything of the" \
    "host's: its addresses, its ports, what listens on 127.0.0.1."

scene "A cable: one end in the container, one in a switch"
web="mkdir /www; echo Hello from \$(hostname) >/www/index.html
    exec httpd -f -h /www"
begin "duct run $box sh -c '$web'"
quiet_web=$duct
run "nsenter -t $pid --net ip -br addr; nsenter -t $pid --net ip route"
tell "On this side: the other end of the cable, in a switch made of software," \
    "which has an address as well."
run "ip -br addr; bridge link"
expect "there is a bridge" "[ -d /proc/sys/net/ipv4/conf/duct0 ]"

scene "Container to container"
run "duct run $box sh -c '
    printf \"GET / HTTP/1.0\\r\\n\\r\\n\" | nc 10.209.0.2 80'"

scene "Container to the world: the sender's address is exchanged"
tell "The neighbour runs a web server that says who asks:"
run_there "echo Hello from the world >$scratch/index.html"
begin_there "busybox httpd -f -vv -h $scratch"
sleep 0.3
run "duct run $box sh -c 'ip -o -4 addr show eth0
    printf \"GET / HTTP/1.0\r\n\r\n\" | nc 192.0.2.2 80 | tail -n 1'"
run "nft list chain ip duct postrouting"

scene "The world to a container: not unless it is published"
run_badly "busybox nc -w 1 127.0.0.1 8080 </dev/null"
finish "$quiet_web"
begin "duct run -p 8080:80 $box sh -c '$web'"
request="printf 'GET / HTTP/1.0\\r\\n\\r\\n' | busybox nc"
run "$request 127.0.0.1 8080"
run_there "$request 192.0.2.1 8080"
expect "the page is served" "$request 127.0.0.1 8080 | grep -q 'Hello from'"
tell "One element in a map is all that a published port is:"
run "nft list map ip duct published"
tell "The port is taken, as if a program of the host's were listening on it:"
run_badly "duct run -p 8080:80 $box true"

scene "Fifty at once get fifty addresses"
run "bash -c '
    for i in \$(seq 50); do
        duct run $box sh -c \"ip -o -4 addr show eth0; sleep 3\" &
    done | sort -u | wc -l; wait'"

scene "The last one out takes everything away"
finish
run "ip -br addr; nft list ruleset"
expect "nothing is left" "[ -z \"\$(nft list ruleset)\" ] &&
    ! ip link show duct0 && [ ! -e /run/duct ]"
[ "$($here sh -c 'ip -o link; nft list ruleset')" = "$untouched" ] ||
    die "the network is not as it was"
