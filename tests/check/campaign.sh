#!/usr/bin/env bash
# A campaign of 500 runs as tasks: zfacet suite --on parallel, and with a third argument "slurm", by hand, suite and check
# --on slurm with a real cluster on this host (slurm-wlm, munge). A killed node and a cancelled task lose nothing, no run
# that ended is made again, and the results are those of one process.
# usage: campaign.sh ZFACET FOLDER [slurm]
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/common.sh"
export PATH=$PATH:/usr/sbin
needed=(parallel)
[ "${3-}" != slurm ] || needed+=(sbatch slurmctld slurmd munged)
for program in "${needed[@]}"; do
    [ -n "$(type -p "$program")" ] || { echo "campaign.sh: no $program"; exit 1; }
done
. "$(dirname "$0")/slurm.sh"

for i in $(seq 250); do
    echo "test case$i"
    if [ $((i % 50)) = 0 ]; then echo "guest rom:z14-on-z13"; else echo "guest rom:hello"; fi
done >"$work/manifest"
campaign=(suite --models "z13,z15" --format tap "$work/manifest")
timeout 120 "$zfacet" "${campaign[@]}" >"$work/whole.tap"
passes whole test "$(grep -c '^ok' "$work/whole.tap")" = 495

# same NAME FOLDER: the result is that of one process, each run is in the journals once
same() {
    passes "$1" cmp "$work/whole.tap" "$work/$1.tap"
    passes "$1 runs" test "$(cat "$work/$2"/*.journal | wc -l)" = 500
    passes "$1 once" test "$(cat "$work/$2"/*.journal | python3 -c 'import json, sys
print(len({(v["case"], v["result"]["model"]) for v in map(json.loads, sys.stdin)}))')" = 500
}

rm -rf "$work/parallel" "$work/slurm" "$work/check"
timeout 200 "$zfacet" "${campaign[@]}" --jobs 1 --on parallel --shards 3 --folder "$work/parallel" >"$work/parallel.tap" 2>"$work/parallel.log"
same parallel parallel
timeout 60 "$zfacet" "${campaign[@]}" --on parallel --shards 3 --folder "$work/parallel" >"$work/parallel.tap" 2>&1 </dev/null
passes parallel_again grep -q '^ok 500' "$work/parallel.tap"
passes parallel_nothing_runs test "$(cat "$work"/parallel/*.journal | wc -l)" = 500

[ "${3-}" = slurm ] || finish
trap stop_cluster EXIT
start_cluster || exit 1
"$zfacet" "${campaign[@]}" --jobs 1 --on slurm --shards 6 --folder "$work/slurm" >"$work/slurm.tap" 2>"$work/slurm.log" &
campaign_pid=$!
until [ "$(cat "$work"/slurm/*.journal 2>/dev/null | wc -l)" -ge 60 ]; do
    sleep 0.1
    kill -0 $campaign_pid || break
done
scancel "$(squeue -h -r -t PENDING -o %i | tail -n 1)" # as an administrator may do
kill_node n1 2>/dev/null
until [ "$(cat "$work"/slurm/*.journal 2>/dev/null | wc -l)" -ge 150 ] || ! kill -0 $campaign_pid; do sleep 0.1; done
start_node n1
passes ends timeout 150 tail --pid=$campaign_pid -f /dev/null
wait $campaign_pid
passes slurm_status test $? = 1
same slurm slurm
passes requeued grep -q '^[0-9]*,[0-9]' "$work/slurm/arrays"

# check has the same, with times of the run before; counts of executions come together
"$zfacet" check --models z13,z15 --manifest "$work/manifest" --mix "$work/whole.mix" --output "$work/whole.json" >/dev/null
timeout 200 "$zfacet" check --models z13,z15 --manifest "$work/manifest" --on slurm --shards 4 --times "$work/slurm" --folder "$work/check" \
    --mix "$work/check.mix" --output "$work/check.json" >/dev/null 2>"$work/check.log"
passes check_status test $? = 3
passes check_alike python3 - "$work/whole.json" "$work/check.json" <<'END'
import json, sys
def pairs(path):
    with open(path) as file:
        return {(c["name"], r["model"]): (r["verdict"], r["why"]) for c in json.load(file)["cases"] for r in c["results"]}
assert pairs(sys.argv[1]) == pairs(sys.argv[2]) and len(pairs(sys.argv[1])) == 500
END
"$zfacet" mix "$work/whole.mix" >"$work/whole.sums"
"$zfacet" mix "$work/check.mix" >"$work/check.sums"
passes mix_alike cmp "$work/whole.sums" "$work/check.sums"
finish
