"""A module from Python through `skerry run`: found, trained, the same again; refused with a reason.

command_line.py SKERRY
"""
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

import python_modules
from python_modules import numpy, torch


class Blobs(torch.nn.Module):
    """For rows of 64 values that are images to it."""

    def __init__(self):
        super().__init__()
        self.net = python_modules.Net()

    def forward(self, x):
        return self.net(x.view(-1, 1, 8, 8))


class Talkative(torch.nn.Module):
    """Prints, has a parameter that nothing uses, and a constant of infinite values."""

    def __init__(self):
        super().__init__()
        self.fc = torch.nn.Linear(64, 3)
        self.spare = torch.nn.Parameter(torch.zeros(2))
        self.register_buffer("mask", torch.full((3,), -float("inf")))

    def forward(self, x):
        print("a batch of", x.shape[0])
        return self.fc(x) + torch.exp(self.mask)


class Rows(torch.nn.Module):
    """Fails on every row with a value of more than its limit."""

    def __init__(self, limit):
        super().__init__()
        self.fc = torch.nn.Linear(64, 3)
        self.limit = limit

    def forward(self, x):
        assert bool((x.abs() < self.limit).all()), "a value is too large"
        return self.fc(x)


def scenario(folder, model, source=None):
    document = {
        "version": 1, "name": "scripted", "paradigm": "federated", "seed": 1,
        "data": {"source": source or {"name": "synthetic_blobs", "classes": 3, "features": 64, "samples": 600,
                                      "test_samples": 200}, "partition": {"name": "iid"}},
        "model": model,
        "local": {"method": "plain", "optimizer": {"name": "sgd", "learning_rate": 0.05}, "batch_size": 10},
        "server": "fedavg", "select": {"name": "uniform", "fraction": 0.5}, "rounds": {"mode": "sync"},
        "stop": {"any": [{"rounds": 6}]}, "nodes": {"edges": 6}}
    path = folder / "scenario.json"
    path.write_text(json.dumps(document))
    return str(path)


def skerry(program, *arguments):
    return subprocess.run([str(program), *arguments], capture_output=True, text=True)


def expect(condition, what):
    if not condition:
        sys.exit(f"FAILED: {what}")


def trains_the_same_again(program, folder):
    torch.manual_seed(1)
    torch.jit.script(Blobs()).save(folder / "net.pt")
    file = scenario(folder, {"name": "torch_script", "file": "net.pt"})
    for threads in ("1", "3"):
        run = skerry(program, "run", file, "--threads", threads, "--out", str(folder / threads))
        expect(run.returncode == 0, run.stderr)
    one, three = (dict(numpy.load(folder / threads / "model.npz")) for threads in ("1", "3"))
    expect(one.keys() == three.keys(), (one.keys(), three.keys()))
    for name in one:
        expect(one[name].tobytes() == three[name].tobytes(), f"{name} depends on the number of threads")

    module = torch.jit.load(str(folder / "net.pt"))
    start = {name: value.clone() for name, value in module.state_dict().items() if value.is_floating_point()}
    expect(start.keys() == one.keys(), (start.keys(), one.keys()))
    for name, value in start.items():
        expect(not numpy.array_equal(value.numpy(), one[name]), f"{name} has not moved")
    rows = (line.split(",") for line in (folder / "1" / "metrics.csv").read_text().splitlines())
    accuracy = [float(row[-1]) for row in rows if "test/accuracy" in row]
    expect(accuracy[-1] > 0.9, accuracy)


def says_what_a_user_should_know(program, folder):
    torch.manual_seed(1)
    torch.jit.script(Talkative()).save(folder / "talkative.pt")
    file = scenario(folder, {"name": "torch_script", "file": "talkative.pt"})
    run = skerry(program, "run", file, "--out", str(folder / "talkative"), "--format", "json")
    expect(run.returncode == 0, run.stderr)
    metrics = json.loads(run.stdout)["final"]
    expect(metrics["test/accuracy"]["mean"] > 0.9, metrics)
    expect("a batch of 10\n" in run.stderr, run.stderr)
    warning = f'{file}: warning: /model: no gradient reaches "spare"'
    expect(run.stderr.count(warning) == 1, run.stderr)
    model = dict(numpy.load(folder / "talkative" / "model.npz"))
    expect(numpy.isneginf(model["mask"]).all(), model["mask"])


def fails_on_some_rows(program, folder):
    inputs = numpy.random.default_rng(1).uniform(-1, 1, (600, 64)).astype("float32")
    labels = numpy.arange(600) % 3
    tried = [600 * i // 64 for i in range(64)]
    large = numpy.ones(600, bool)
    large[tried] = False
    numpy.savez(folder / "rows.npz", x_train=inputs + 9 * large[:, None].astype("float32"), y_train=labels,
                x_test=inputs, y_test=labels)
    file = scenario(folder, {"name": "torch_script", "file": "rows.pt"}, {"name": "npz", "path": "rows.npz"})
    for limit, code, words in ((0.5, 2, "/model: torch_script: the module cannot be trained: "),
                               (2.0, 3, "the model failed: on the rows it was given: ")):
        torch.jit.script(Rows(limit)).save(folder / "rows.pt")
        run = skerry(program, "run", file, "--out", str(folder / "rows"))
        expect(run.returncode == code, run)
        expect(words in run.stderr and "a value is too large" in run.stderr, run.stderr)
        expect(run.stderr.count("\n") == 1 and "bug" not in run.stderr, run.stderr)


def lists(program, folder):
    torch_models = ("torch_script", "torch_mlp", "torch_cnn")
    listed = skerry(program, "list", "model").stdout
    expect(all(name in listed for name in torch_models), listed)
    alone = folder / "alone"
    shutil.copy(program, alone)
    run = skerry(alone, "list", "model")
    expect(run.returncode == 0 and run.stderr == "" and "softmax" in run.stdout, run)
    expect("torch_" not in run.stdout, run.stdout)


def refuses(program, folder):
    torch.jit.freeze(torch.jit.script(Blobs().eval())).save(folder / "frozen.pt")
    file = scenario(folder, {"name": "torch_script", "file": "frozen.pt"})
    run = skerry(program, "run", file, "--out", str(folder / "none"))
    expect(run.returncode == 2, run)
    expect("/model: torch_script: the module cannot be trained: it is frozen" in run.stderr, run.stderr)

    alone = folder / "skerry"
    shutil.copy(program, alone)
    run = skerry(alone, "run", scenario(folder, "torch_cnn"), "--out", str(folder / "none"))
    expect(run.returncode == 2, run)
    expect('/model: "torch_cnn" is a LibTorch learner, and they were not built with this program' in run.stderr,
           run.stderr)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        trains_the_same_again(pathlib.Path(sys.argv[1]), pathlib.Path(name))
        says_what_a_user_should_know(pathlib.Path(sys.argv[1]), pathlib.Path(name))
        fails_on_some_rows(pathlib.Path(sys.argv[1]), pathlib.Path(name))
        lists(pathlib.Path(sys.argv[1]), pathlib.Path(name))
        refuses(pathlib.Path(sys.argv[1]), pathlib.Path(name))
