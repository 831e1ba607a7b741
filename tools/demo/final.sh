# shellcheck shell=sh disable=SC2154
# The engine: containers that have a name, and a life of their own.

# Before the network is gone; what was in it goes with it.
at_end "DUCT_DATA_ROOT=$scratch/data DUCT_RUN_ROOT=$scratch/run sh -c '
    $program rm -f \$($program ps -aq)'"
on_a_lan # for the containers: the real network stays as it is
export DUCT_DATA_ROOT="$scratch/data" DUCT_RUN_ROOT="$scratch/run"

scene "A list"
tell "All of the seven steps, and a list. The list is kept in files; here in a" \
    "place of the demonstration's own:"
prompt "export DUCT_DATA_ROOT=$DUCT_DATA_ROOT DUCT_RUN_ROOT=$DUCT_RUN_ROOT"
run "tar -c -C rootfs/busybox . | duct import -c 'CMD [\"sh\"]' - busybox"
run "duct images"
began=$(date +%s)
run "duct run -d --name web -p 80:8080 busybox sh -c \\
    'echo Ready.; mkdir www; echo Hello >www/index.html; exec httpd -f -p 8080 -h www'"
run "duct ps"
tell "duct has ended, and the container goes on. There is no daemon: one small" \
    "process has stayed, which is the father of the container's first."
monitor=$(sed -n 's/.*"MonitorPid": *\([0-9]*\).*/\1/p' \
    "$DUCT_DATA_ROOT"/containers/*/state.json)
run "ps -o pid,ppid,rss,args -p $monitor --ppid $monitor"
get="timeout 5 busybox wget -qO- http://192.0.2.1"
tell "The neighbour's browser:"
run_there "$get"

scene "What can be asked"
run "duct logs web"
run "duct exec web ps"
run "duct diff web"
run "duct port web"
run "duct inspect -f '{{.State.Status}}, {{.NetworkSettings.IPAddress}}' web"
run "duct stats --no-stream web"

scene "Neighbours, by their names"
run "duct network create shop"
run "duct run -d --name shelf --network shop busybox sleep 1000"
run_badly "duct exec shelf timeout 5 wget -qO- http://web:8080"
tell "They are in different networks. A second cable, while both are running:"
run "duct network connect shop web"
run "duct exec shelf timeout 5 wget -qO- http://web:8080"

scene "What outlives a container"
run "duct run --rm -v book:/book busybox sh -c 'echo first >/book/page'"
run "duct run --rm -v book:/book busybox cat /book/page"
run "duct volume ls"

scene "How one ends"
run_to 3 "duct run --rm busybox sh -c 'exit 3'"
run "duct stop -t 1 web && duct ps -a --format 'table {{.Names}}\t{{.Status}}'"
tell "The whole life of it was written down:"
run "duct events --since $began --until 0s --filter container=web \\
    --format '{{.Type}} {{.Action}}'"
tell "And when the process that stays is killed? Whoever looks next tidies up:"
monitor=$(grep -l '"running"' "$DUCT_DATA_ROOT"/containers/*/state.json |
    xargs sed -n 's/.*"MonitorPid": *\([0-9]*\).*/\1/p')
run "kill -KILL $monitor; sleep 0.2"
run "duct ps -a --format 'table {{.Names}}\t{{.Status}}'"
run "duct rm web shelf && duct network rm shop && duct volume rm book"
run "ls $DUCT_DATA_ROOT/containers $DUCT_DATA_ROOT/names $DUCT_DATA_ROOT/volumes"
tell "An engine is the steps, and knowing at any moment what has been done."
unset DUCT_DATA_ROOT DUCT_RUN_ROOT
