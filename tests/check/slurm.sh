# shellcheck shell=bash disable=SC2154 # $work is of common.sh
# Sourced by campaign.sh: a cluster of Slurm on this host, with its own munged, slurmctld and two slurmd, all below $work.
cluster=$work/cluster
export SLURM_CONF=$cluster/slurm.conf
daemons=()

# start NAME COMMAND...: in the foreground, as our child; its id is in $pid
start() {
    "${@:2}" >"$cluster/$1.out" 2>&1 &
    pid=$!
    daemons+=("$pid")
}

start_node() {
    start "$1" slurmd -D -N "$1" -f "$SLURM_CONF"
    echo "$pid" >"$cluster/$1.pid"
}

start_cluster() {
    local me host port=$((20000 + $$ % 20000)) n
    me=$(id -un)
    host=$(hostname -s)
    rm -rf "$cluster"
    mkdir -p "$cluster"/{state,n1,n2}
    chmod 755 "$cluster"
    (umask 077 && head -c 1024 /dev/urandom >"$cluster/key")
    cat >"$SLURM_CONF" <<END
ClusterName=zfacet
SlurmctldHost=$host(127.0.0.1)
AuthType=auth/munge
AuthInfo=socket=$cluster/munge.socket,cred_expire=5
CryptoType=crypto/munge
SlurmUser=$me
SlurmdUser=$me
StateSaveLocation=$cluster/state
SlurmdSpoolDir=$cluster/%n
SlurmctldPidFile=$cluster/slurmctld.pid
SlurmdPidFile=$cluster/%n/slurmd.pid
SlurmctldPort=$port
ProctrackType=proctrack/pgid
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerParameters=sched_interval=1
SlurmdTimeout=6
KillWait=1
ReturnToService=2
AccountingStorageType=accounting_storage/none
JobAcctGatherType=jobacct_gather/none
MpiDefault=none
NodeName=n1 NodeHostname=$host NodeAddr=127.0.0.1 Port=$((port + 1)) CPUs=1 State=UNKNOWN
NodeName=n2 NodeHostname=$host NodeAddr=127.0.0.1 Port=$((port + 2)) CPUs=1 State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
END
    start munged munged --foreground --force --key-file="$cluster/key" --socket="$cluster/munge.socket" \
        --pid-file="$cluster/munged.pid" --log-file="$cluster/munged.log" --seed-file="$cluster/munged.seed"
    for n in $(seq 50); do
        [ -S "$cluster/munge.socket" ] && break
        sleep 0.1
    done
    start slurmctld slurmctld -D -f "$SLURM_CONF" -L "$cluster/slurmctld.log"
    start_node n1
    start_node n2
    for n in $(seq 150); do
        [ "$(sinfo -h -N -o %T 2>/dev/null | grep -c '^idle')" = 2 ] && return 0
        sleep 0.2
    done
    echo "the cluster does not start"
    sinfo -N
    tail -n 5 "$cluster"/*.out "$cluster"/*.log
    return 1
}

# Processes of a node's tasks, by what Slurm puts into their environment, and what stands between.
processes_of() {
    local environment step
    for environment in /proc/[0-9]*/environ; do
        if tr '\0' '\n' 2>/dev/null <"$environment" | grep -qx "SLURM_CONF=$SLURM_CONF" &&
            tr '\0' '\n' 2>/dev/null <"$environment" | grep -qx "SLURMD_NODENAME=$1"; then
            environment=${environment%/environ}
            echo "${environment##*/}"
            step=$(ps -o ppid= -p "${environment##*/}" 2>/dev/null | tr -d ' ')
            [ -z "$step" ] || ! grep -q slurmstepd "/proc/$step/cmdline" 2>/dev/null || echo "$step"
        fi
    done | sort -u
}

# As when the machine loses its power: the daemon and all that it runs.
kill_node() {
    kill -9 "$(cat "$cluster/$1.pid")"
    processes_of "$1" | xargs -r kill -9 2>/dev/null
    rm -f "$cluster/$1"/*.socket
}

stop_cluster() {
    for n in n1 n2; do
        processes_of "$n" | xargs -r kill -9 2>/dev/null
    done
    kill "${daemons[@]}" 2>/dev/null
    wait "${daemons[@]}" 2>/dev/null
}
