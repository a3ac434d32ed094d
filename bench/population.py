#!/usr/bin/python3
"""What a population costs on top of its cohort: experiments/population.json with a million edges and ten thousand.

Both have 20 generated samples per edge and ask 1,000 edges a round, one thread. Every repetition runs both, long and
short, so that a machine that drifts does so for both. It prints medians of CPU time:
  set-up  a run of one round, everything included;  round  (long - short) / (rounds between them).

usage: bench/population.py [--rounds 101] [--repeats 3] [--skerry build/skerry]
"""
import argparse
import os
import pathlib
import statistics
import subprocess
import tempfile

SCENARIO = pathlib.Path(__file__).parent.parent / "experiments" / "population.json"
SAMPLES = 20


def run(skerry, edges, rounds):
    """CPU seconds and peak resident MiB of one run."""
    with tempfile.TemporaryDirectory() as folder:
        command = [skerry, "run", str(SCENARIO), "--threads", "1", "--out", folder + "/run",
                   "--set", "nodes.edges=%d" % edges, "--set", "data.source.samples=%d" % (SAMPLES * edges),
                   "--set", 'stop={"any": [{"rounds": %d}]}' % rounds]
        child = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        _, status, usage = os.wait4(child.pid, 0)
        if status != 0:
            raise SystemExit("population.py: skerry failed")
        return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=101)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--skerry", default="build/skerry")
    options = parser.parse_args()
    populations = (10_000, 1_000_000)
    short = {edges: [] for edges in populations}
    a_round = {edges: [] for edges in populations}
    resident = dict.fromkeys(populations, 0)
    for _ in range(options.repeats):
        for edges in populations:
            begin, _ = run(options.skerry, edges, 1)
            whole, memory = run(options.skerry, edges, options.rounds)
            short[edges].append(begin)
            a_round[edges].append((whole - begin) / (options.rounds - 1))
            resident[edges] = max(resident[edges], memory)
    for edges in populations:
        print("%9d edges: set-up %.2f s, round %.1f ms, %.0f MiB resident" %
              (edges, statistics.median(short[edges]), 1e3 * statistics.median(a_round[edges]), resident[edges]))
    few, many = populations
    ratios = [large / small for small, large in zip(a_round[few], a_round[many])]
    print("a round out of a million costs %.2f times one out of ten thousand" % statistics.median(ratios))


if __name__ == "__main__":
    main()
