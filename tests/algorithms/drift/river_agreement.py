"""Compares the alarms of our drift detectors with river's, on the streams of streams.hpp.

usage: river_agreement.py TEST-PROGRAM    (test-algorithms-drift; needs river)

Every detector that the installed river has must raise its alarms after the same observations. KSWIN's draw is its own:
it is compared where the window is twice what is drawn, so that nothing is left to chance. river has no ks_inputs and no
mmd_inputs; its CUSUM and RDDM are compared once a release has them. Ends with status 1 where an alarm differs or a comparison is
missing.
"""

import subprocess
import sys

import river
from river import drift

LENGTH = 3000
# Three detectors of values on ten streams; four of errors on six, two of them also two-sided.
LEAST_COMPARED = 3 * 10 + 4 * 6 + 2 * 6


class Lcg:
    def __init__(self, seed):
        self.state = seed

    def uniform(self):
        self.state = (self.state * 6364136223846793005 + 1442695040888963407) % 2**64
        return (self.state >> 11) * 2.0**-53

    def bernoulli(self, p):
        return 1.0 if self.uniform() < p else 0.0

    def bell(self):
        total = -2.0
        for _ in range(4):
            total += self.uniform()
        return total


def gradual(i):
    return 0.0 if i < 1000 else (i - 1000) / 1000 if i < 2000 else 1.0


STREAMS = {
    "abrupt": lambda g, i: g.bernoulli(0.2 if i < 1500 else 0.5),
    "gradual": lambda g, i: g.bernoulli(0.1 + 0.5 * gradual(i)),
    "recurring": lambda g, i: g.bernoulli(0.4 if i // 750 % 2 else 0.1),
    "rare": lambda g, i: g.bernoulli(0.05),
    "even": lambda g, i: g.bernoulli(0.5),
    "falling": lambda g, i: g.bernoulli(0.6 if i < 1500 else 0.2),
    "real-abrupt": lambda g, i: g.uniform() + (0 if i < 1500 else 0.5),
    "real-gradual": lambda g, i: g.bell() + 3 * gradual(i),
    "real-recurring": lambda g, i: 10 * g.bell() + i // 750 % 2 * 8,
    "real-stationary": lambda g, i: g.bell(),
}

binary = drift.binary
DETECTORS = {
    "adwin": drift.ADWIN,
    "ddm": binary.DDM,
    "eddm": binary.EDDM,
    "hddm_a": binary.HDDM_A if hasattr(binary, "HDDM_A") else binary.HDDMA,
    "hddm_w": binary.HDDM_W if hasattr(binary, "HDDM_W") else binary.HDDMW,
    "page_hinkley": drift.PageHinkley,
    "kswin": lambda: drift.KSWIN(window_size=60, stat_size=30, seed=1),
}
if hasattr(drift, "CUSUM"):
    DETECTORS["cusum"] = drift.CUSUM
if hasattr(binary, "RDDM"):
    DETECTORS["rddm"] = binary.RDDM
TWO_SIDED = {
    "hddm_a": lambda: DETECTORS["hddm_a"](two_sided_test=True),
    "hddm_w": lambda: DETECTORS["hddm_w"](two_sided_test=True),
}


def values(place, recipe):
    generator = Lcg(place)
    return [recipe(generator, i) for i in range(LENGTH)]


def alarms(detector, stream):
    """What the detector says: indices of drifts, and of warnings with a `w`."""
    said = []
    for i, value in enumerate(stream):
        detector.update(value)
        if detector.drift_detected:
            said.append(str(i))
        elif getattr(detector, "warning_detected", False):
            said.append(f"w{i}")
    return said


def main():
    output = subprocess.run([sys.argv[1], "[.river]"], stdout=subprocess.PIPE, text=True, check=True)
    ours = {}
    for line in output.stdout.splitlines():
        head, colon, said = line.partition(":")
        if colon and head.startswith("alarms "):
            ours[tuple(head.split()[1:])] = said.split()
    compared = differing = 0
    for place, (stream, recipe) in enumerate(STREAMS.items()):
        data = values(place, recipe)
        cases = {(name, "default"): make for name, make in DETECTORS.items()}
        cases |= {(name, "two-sided"): make for name, make in TWO_SIDED.items()}
        for (name, form), make in cases.items():
            if (name, form, stream) not in ours:
                continue  # watches errors, and the stream has real values
            theirs = alarms(make(), data)
            compared += 1
            if theirs == ours[name, form, stream]:
                continue
            differing += 1
            print(f"{name} ({form}) on {stream}: ours {ours[name, form, stream]}, river's {theirs}")
    print(f"river {river.__version__}: {compared} streams and detectors compared, {differing} differ")
    if compared < LEAST_COMPARED or differing:
        sys.exit(1)


if __name__ == "__main__":
    main()
