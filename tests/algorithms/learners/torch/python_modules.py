"""Modules as a user exports them from Python, and what they predict.

export FOLDER          writes archives, good and bad
train FOLDER           trains lstm.pt, gru.pt and normal.pt on steps.npz, a batch a step; writes *_trained.npz
predict FOLDER         loads net.pt with the parameters of model.npz; writes the scores of inputs.npz to scores.npz
"""
import pathlib
import sys
import zipfile

try:
    import numpy
    import torch
except ImportError as missing:
    print(missing)
    sys.exit(77)


class Net(torch.nn.Module):
    """A small network with everything that is particular in training."""

    def __init__(self):
        super().__init__()
        self.conv = torch.nn.Conv2d(1, 4, 3)
        self.norm = torch.nn.BatchNorm2d(4)
        self.drop = torch.nn.Dropout(0.25)
        self.head = torch.nn.Sequential(torch.nn.Linear(4 * 6 * 6, 16), torch.nn.ReLU(), torch.nn.Linear(16, 3))

    def forward(self, x):
        x = torch.relu(self.norm(self.conv(x)))
        return self.head(self.drop(x.flatten(1)))


class Plain(torch.nn.Module):
    """Nothing that knows its phase: tracing is harmless."""

    def __init__(self):
        super().__init__()
        self.fc = torch.nn.Linear(64, 3)

    def forward(self, x):
        return self.fc(x.flatten(1))


class Recurrent(torch.nn.Module):
    """Whose forward reads its parameters from a list, `_flat_weights`."""

    def __init__(self, kind):
        super().__init__()
        self.layer = kind(8, 6, num_layers=2, batch_first=True, bidirectional=True)
        self.head = torch.nn.Linear(12, 3)

    def forward(self, x):
        return self.head(self.layer(x[:, 0])[0].mean(1))


class Normal1d(torch.nn.Module):
    def __init__(self, momentum):
        super().__init__()
        self.fc = torch.nn.Linear(64, 3)
        self.norm = torch.nn.BatchNorm1d(3, momentum=momentum)

    def forward(self, x):
        return self.norm(self.fc(x.flatten(1)))


def of_newer_version(archive, to):
    with zipfile.ZipFile(archive) as source, zipfile.ZipFile(to, "w", zipfile.ZIP_STORED) as target:
        for entry in source.infolist():
            content = source.read(entry)
            target.writestr(entry.filename, b"99\n" if entry.filename.endswith("/version") else content)


def export(folder):
    torch.manual_seed(1)
    image = torch.zeros(2, 1, 8, 8)
    net = Net()
    torch.jit.script(net).save(folder / "net.pt")
    torch.save(net.state_dict(), folder / "state_dict.pt")
    of_newer_version(folder / "net.pt", folder / "newer.pt")
    torch.jit.script(Net().double()).save(folder / "double.pt")
    torch.jit.freeze(torch.jit.script(Net().eval())).save(folder / "frozen.pt")
    torch.jit.trace(Net().eval(), image).save(folder / "traced.pt")
    torch.jit.trace(Plain(), image).save(folder / "traced_plain.pt")
    torch.jit.script(Normal1d(None)).save(folder / "cumulative.pt")
    torch.jit.script(Normal1d(0.1)).save(folder / "one_example.pt")
    torch.jit.script(Recurrent(torch.nn.LSTM)).save(folder / "lstm.pt")
    torch.jit.script(Recurrent(torch.nn.GRU)).save(folder / "gru.pt")
    net.drop.p = 0.0
    torch.jit.script(net).save(folder / "normal.pt")


def train(folder):
    steps = numpy.load(folder / "steps.npz")
    for name in ("lstm", "gru", "normal"):
        net = torch.jit.load(str(folder / f"{name}.pt")).train()
        optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
        for inputs, labels in zip(torch.from_numpy(steps["inputs"]), torch.from_numpy(steps["labels"])):
            optimizer.zero_grad()
            torch.nn.functional.cross_entropy(net(inputs), labels.long()).backward()
            optimizer.step()
        numpy.savez(folder / f"{name}_trained.npz", **{key: value.numpy() for key, value in net.state_dict().items()})


def predict(folder):
    net = torch.jit.load(str(folder / "net.pt")).eval()
    trained = {name: torch.from_numpy(value) for name, value in numpy.load(folder / "model.npz").items()}
    expected = {name for name, value in net.state_dict().items() if value.is_floating_point()}
    assert set(trained) == expected, (set(trained), expected)
    net.load_state_dict(trained, strict=False)
    with torch.no_grad():
        scores = net(torch.from_numpy(numpy.load(folder / "inputs.npz")["inputs"]))
    numpy.savez(folder / "scores.npz", scores=scores.numpy())


if __name__ == "__main__":
    {"export": export, "predict": predict, "train": train}[sys.argv[1]](pathlib.Path(sys.argv[2]))
