#!/usr/bin/python3
"""The gap between two answers of a live edge while its model is replaced.

A cloud and an edge on this machine, over gRPC. A model of about 7 MB is trained again, sent, checked and swapped in every
two seconds, while a client asks the edge one example after another. A second run never trains. Prints, of both runs, the
median, the 99.9th percentile and the longest time of a request; the next one follows at once, so that these are the gaps
between answers. What an update costs is the difference. Several programs are compared in turns. --state gives the edge a
folder, so that it journals all that comes to it and writes checkpoints.

usage: bench/hot_update.py [--seconds 30] [--repeats 3] [--state] [--skerry build/skerry [OTHER...]]
"""
import argparse
import json
import os
import pathlib
import socket
import statistics
import subprocess
import tempfile
import time

import numpy

FEATURES, CLASSES, HIDDEN = 64, 10, [1280, 1280]


def scenario(seconds, trains):
    """The first second is history."""
    return {"version": 1, "name": "hot-update", "paradigm": "incremental", "seed": 1,
            "data": {"source": {"name": "random_rbf", "n_classes": CLASSES, "n_features": FEATURES,
                                "samples": 20 * (seconds + 1), "test_samples": 10},
                     "stream": {"name": "drift", "experiences": seconds + 1, "every": "1 s"}},
            "model": {"name": "mlp", "hidden": HIDDEN}, "check": "500 ms",
            "serve": {"every": "500 ms", "threshold": 0.1, "sample": 0.2},
            "trigger": {"every": "2 s"} if trains else {"command": "train"},
            "train": {"optimizer": {"name": "sgd", "learning_rate": 0.01}, "policy": "window", "window": 32},
            "deploy": "always", "nodes": {"edges": 1}}


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def wait_for(path, process):
    while not os.path.exists(path):
        if process.poll() is not None:
            raise SystemExit(process.stdout.read())
        time.sleep(0.05)


def run(skerry, seconds, trains, keeps):
    """Times of the requests of one run, in ms, and how many models came to the edge."""
    with tempfile.TemporaryDirectory() as folder:
        here = pathlib.Path(folder)
        (here / "scenario.json").write_text(json.dumps(scenario(seconds, trains)))
        numpy.save(here / "examples.npy", numpy.random.default_rng(1).random((100_000, FEATURES), numpy.float32))
        address, ask = f"127.0.0.1:{free_port()}", f"unix:{here}/edge.sock"
        cloud = subprocess.Popen(["nice", "-n", "19", skerry, "cloud", here / "scenario.json", "--listen", address, "--plaintext", "--out",
                                  here / "run"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        kept = ["--state", here / "state"] if keeps else []
        edge = subprocess.Popen([skerry, "edge", "--cloud", address, "--node", "0", "--plaintext", "--serve", ask, *kept],
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        wait_for(here / "edge.sock", edge)
        time.sleep(3)  # the first model comes
        client = subprocess.run([skerry, "infer", ask, "--npy", here / "examples.npy", "--at-once", "1", "--format",
                                 "json"], stdout=subprocess.PIPE, text=True, check=False)
        text, _ = cloud.communicate()
        edge.communicate()
        if cloud.returncode != 0:
            raise SystemExit(text)
        times = [1000 * reply["seconds"] for reply in json.loads(client.stdout)["answers"] if "label" in reply]
        rows = (here / "run" / "metrics.csv").read_text().splitlines()
        deployed = [float(row.split(",")[4]) for row in rows if row.startswith("loop/deployments,")]
        return times, int(deployed[-1]) if deployed else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=30)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--state", action="store_true")
    parser.add_argument("--skerry", nargs="+", default=["build/skerry"])
    options = parser.parse_args()
    for _ in range(options.repeats):
        for trains in (False, True):
            for skerry in options.skerry:
                times, models = run(skerry, options.seconds, trains, options.state)
                times.sort()
                print(f"{skerry}: {models:3d} updates, {len(times):6d} requests: median {statistics.median(times):.2f} ms, "
                      f"99.9 % {times[int(len(times) * 0.999)]:.2f} ms, longest "
                      f"{' '.join(f'{t:.2f}' for t in times[-5:])} ms", flush=True)


if __name__ == "__main__":
    main()
