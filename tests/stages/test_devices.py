"""Which device a job picks, and that results do not depend on it."""

import json
import logging

import numpy as np
import pandas as pd
import pytest
import torch

from identifiability.errors import UserError
from identifiability.networks import devices
from identifiability.networks.gates import gate
from identifiability.networks.networks import Networks
from identifiability.plain import PlainNetwork
from identifiability.protocols import PROTOCOLS
from identifiability.stages.alignment import alignment
from identifiability.stages.circuits import circuits
from identifiability.stages.formulas import formulas
from identifiability.stages.frames import network_columns
from tests.circuits.test_responses import random_network
from tests.test_against_plain import REFERENCE, engine


def rows(batch, targets):
    """Rows of the artifact `networks`, with samples in which rows are rare."""
    names = [f"network-{i}" for i in range(len(batch))]
    return pd.DataFrame(
        {
            "family": "family",
            "seed": pd.Series(range(len(batch)), dtype="Int64"),
            "network_id": names,
            **network_columns(batch, targets),
            "validation": [[1, 9, 490, 500]] * len(batch),
            "converged": True,
            "functional": True,
        }
    )


def reference_rows(name):
    """A trained network."""
    stored = json.loads((REFERENCE / f"{name}.json").read_text())
    return rows(engine(PlainNetwork.from_dict(stored)), [stored["targets"]])


def random_rows(*how):
    """Networks with drawn weights; what each should compute is drawn as well."""
    drawn = [random_network(seed, (2, 3, 3, 1), *how) for seed in range(20)]
    batch = Networks(
        tuple(map(np.concatenate, zip(*(n.weights for n in drawn), strict=True))),
        tuple(map(np.concatenate, zip(*(n.biases for n in drawn), strict=True))),
        drawn[0].activation,
        drawn[0].output_activation,
    )
    names = np.random.default_rng(0).choice(["XOR", "AND", "IMP"], len(batch))
    return rows(batch, [[name] for name in names.tolist()])


CASES = {
    **{path.stem: (reference_rows, path.stem) for path in sorted(REFERENCE.glob("*.json"))},
    **{
        f"random {activation} {output}{' coarse' * coarse}": (
            random_rows, activation, output, coarse
        )
        for activation, output, coarse in [
            ("leaky_relu", "leaky_relu", False),
            ("leaky_relu", "leaky_relu", True),
            ("relu", "identity", True),
            ("tanh", "tanh", False),
            ("sigmoid", "sigmoid", False),
        ]
    },
}  # fmt: skip


def found(networks, **how):
    """What both stages find."""
    gates = [gate(name) for name in sorted({name for own in networks["targets"] for name in own})]
    listed = formulas(3, gates, [PROTOCOLS["text"]])
    return circuits(networks, **how), alignment(networks, listed, **how)


def check_same(expected, again):
    for one, other in zip(expected, again, strict=True):
        assert len(one)
        pd.testing.assert_frame_equal(one, other, check_exact=True)


@pytest.mark.parametrize("case", ["xor-k2-0", "random leaky_relu leaky_relu coarse"])
def test_the_stages_compute_on_the_cpu_unless_told(case):
    make, *arguments = CASES[case]
    networks = make(*arguments)
    check_same(found(networks), found(networks, device="cpu"))


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
@pytest.mark.parametrize("case", CASES)
def test_results_are_the_same_on_the_gpu(case):
    make, *arguments = CASES[case]
    networks = make(*arguments)
    check_same(found(networks, device="cpu"), found(networks, device="cuda"))


@pytest.mark.parametrize("case", CASES)
def test_results_are_the_same_by_pytorch(case):
    """What a GPU computes is PyTorch's; here on the CPU, where everybody can run it."""
    make, *arguments = CASES[case]
    networks = make(*arguments)
    check_same(found(networks), found(networks, device=torch.device("cpu")))


def test_the_device_reaches_the_tensors():
    # Tensors on PyTorch's device `meta` have no values to bring back.
    networks = reference_rows("xor-k2-0")
    listed = formulas(3, [gate("XOR")], [PROTOCOLS["text"]])
    with pytest.raises(NotImplementedError, match="meta"):
        circuits(networks, device="meta")
    with pytest.raises(NotImplementedError, match="meta"):
        alignment(networks, listed, device="meta")


@pytest.mark.parametrize(
    ("setting", "available", "device"),
    [
        ("auto", False, "cpu"),
        ("auto", True, "cuda"),
        ("cpu", False, "cpu"),
        ("cpu", True, "cpu"),
        ("cuda", True, "cuda"),
    ],
)
def test_a_job_picks_its_device_and_logs_it(monkeypatch, caplog, setting, available, device):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: available)
    monkeypatch.setattr(devices, "has_driver", lambda: available)
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    with caplog.at_level(logging.INFO, logger="identifiability"):
        assert devices.pick(setting) == device
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0")
        devices.pick(setting)
    granted = f"device: {device} (CUDA_VISIBLE_DEVICES=0)"
    assert caplog.messages == [f"device: {device}", granted]


def test_cuda_where_there_is_none_is_one_line(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(UserError) as error:
        devices.pick("cuda")
    (line,) = str(error.value).splitlines()
    assert line.startswith("config: engine.device: 'cuda', but PyTorch finds no CUDA device")
    assert "write auto or cpu" in line
