"""The experiment on handwritten digits: images, downloads, training, circuits (section 4.3)."""

import gzip
import hashlib
import http.server
import itertools
import struct
import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
import yaml
from hypothesis import given
from hypothesis import strategies as st

from identifiability import plain
from identifiability.circuits.candidates import circuit_ids
from identifiability.circuits.shapes import count_candidates
from identifiability.digits import circuits, training
from identifiability.digits import stage_circuits as digit_circuits
from identifiability.digits import stage_networks as stage
from identifiability.digits.images import Images, load_images, read_idx
from identifiability.digits.settings import (
    FILES,
    DigitsFamily,
    DigitsTraining,
    Source,
    other_sources,
    parse_families,
    parse_source,
)
from identifiability.digits.stage_images import image_rows, images_of
from identifiability.digits.tables import by_family, by_network, kept_shares
from identifiability.digits.training import sample, train_on_digits
from identifiability.errors import UserError
from identifiability.evidence.ledger import load_claims
from identifiability.networks.families import generator
from identifiability.networks.networks import Networks
from identifiability.protocols import PROTOCOLS
from identifiability.store import artifacts
from identifiability.store.download import download

ROOT = Path(__file__).parents[2]
MNIST = ROOT / "tests" / "data" / "mnist"
TRAINING = DigitsTraining((8,), 60, 16, 0.01, 0.2, 0.9, 0.01)
FAMILY = DigitsFamily("few", (3, 5), (2, 2, 2), 2, TRAINING)


# Images ------------------------------------------------------------------------------------------


def test_images_of_scikit_learn():
    found = load_images(Source(), None)
    assert found.pixels.shape == (1797, 64)
    assert found.pixels.max() == found.largest == 16
    assert np.bincount(found.digits)[:2].tolist() == [178, 182]
    assert found.held_out is None


def test_the_test_set_of_mnist():
    found = load_images(Source("mnist", MNIST, "t10k"), MNIST)
    assert found.pixels.shape == (10000, 784)
    assert np.bincount(found.digits)[:2].tolist() == [980, 1135]
    assert found.pixels.max() == found.largest == 255
    assert found.held_out is None


def test_files_are_read_packed_and_plain_and_the_test_set_is_held_out(tmp_path):
    for name in FILES:
        packed = (MNIST / f"{name.replace('train', 't10k')}.gz").read_bytes()
        if name.startswith("train"):
            (tmp_path / name).write_bytes(gzip.decompress(packed))
        else:
            (tmp_path / f"{name}.gz").write_bytes(packed)
    found = load_images(Source("mnist", tmp_path), tmp_path)
    assert found.pixels.shape == (20000, 784)
    assert found.held_out.tolist() == [False] * 10000 + [True] * 10000


def idx(values):
    return bytes([0, 0, 8, values.ndim]) + struct.pack(f">{values.ndim}I", *values.shape)


IMAGES = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "not an IDX file of unsigned bytes with 3 axes (it begins with nothing, not 000008"),
        (b"<html>404</html>", "not an IDX file"),
        (idx(IMAGES[0]) + IMAGES[0].tobytes(), "with 3 axes (it begins with 00000802"),
        (idx(IMAGES) + IMAGES.tobytes()[:-1], "has 23 values, but its header says 2 x 3 x 4"),
        (idx(IMAGES) + IMAGES.tobytes() + b"0", "has 25 values, but its header says 2 x 3 x 4"),
        # A date in the file would give each process of the tests another name for this case.
        (gzip.compress(idx(IMAGES) + IMAGES.tobytes(), mtime=0)[:-9], "cannot be read"),
        (b"\x1f\x8b" + bytes(30), "cannot be read"),
        (idx(IMAGES)[:4] + struct.pack(">3I", 2**31, 2**31, 4), "has 0 values, but its header"),
    ],
)
def test_wrong_and_truncated_files_are_named_with_what_would_work(tmp_path, content, says):
    path = tmp_path / "t10k-images-idx3-ubyte"
    path.write_bytes(content)
    with pytest.raises(UserError) as error:
        read_idx(path, 3)
    message = str(error.value)
    assert message.startswith(f"{path}: {says}") or says in message
    assert "{source: mnist}" in message
    assert "{source: sklearn}" in message
    assert "\n" not in message


def test_a_file_that_is_right_is_read(tmp_path):
    (tmp_path / "a").write_bytes(idx(IMAGES) + IMAGES.tobytes())
    assert (read_idx(tmp_path / "a", 3) == IMAGES).all()


@pytest.mark.parametrize(
    ("images", "labels", "says"),
    [
        (IMAGES, IMAGES[0, 0], "has 4 labels for 2 images"),
        (IMAGES[:0], IMAGES[0, 0, :0], "has 0 labels for 0 images"),
        (IMAGES, np.array([3, 11], np.uint8), "has the label 11; digits are 0 to 9; use digits"),
    ],
)
def test_labels_must_fit_the_images(tmp_path, images, labels, says):
    for name, values in (("images-idx3", images), ("labels-idx1", labels)):
        path = tmp_path / f"t10k-{name}-ubyte"
        path.write_bytes(idx(values) + values.tobytes())
    with pytest.raises(UserError, match=says) as given:
        load_images(Source("mnist", tmp_path, "t10k"), tmp_path)
    assert "which downloads them" in str(given.value)
    with pytest.raises(UserError, match="delete it to have it downloaded again") as downloaded:
        load_images(Source("mnist", None, "t10k"), tmp_path)
    assert "path: DIR" in str(downloaded.value)


def test_images_must_be_of_one_size(tmp_path):
    for kind, images in (("train", IMAGES), ("t10k", IMAGES[:, :, :2].copy())):
        for name, values in (("images-idx3", images), ("labels-idx1", IMAGES[0, 0, :2])):
            (tmp_path / f"{kind}-{name}-ubyte").write_bytes(idx(values) + values.tobytes())
    with pytest.raises(UserError, match="training and test images of 6 and 12 pixels"):
        load_images(Source("mnist", tmp_path), tmp_path)


def settings(**changes):
    whole = yaml.safe_load((ROOT / "config" / "config.yaml").read_text())["digits"]
    return whole | changes


def test_sources_by_the_configuration(tmp_path):
    assert parse_source(settings()) == Source()
    found = parse_source(settings(source="mnist", path=str(MNIST), split="t10k"))
    assert (found.slug, found.path, len(found.files)) == ("mnist-t10k", MNIST, 2)
    found = parse_source(settings(source="mnist"))
    assert found.path is None
    assert found.files == tuple(FILES)
    assert len(found.mirrors) == 2
    with pytest.raises(UserError, match=r"digits\.path: .* has no train-images-idx3-ubyte\.gz"):
        parse_source(settings(source="mnist", path=str(MNIST)))
    with pytest.raises(UserError, match=r"digits\.split: scikit-learn brings its images"):
        parse_source(settings(split="t10k"))
    with pytest.raises(UserError, match="names one digit twice"):
        parse_families(settings(families={"same": {"digits": [1, 1], "last": [2, 2], "seeds": 1}}))


# Downloads ---------------------------------------------------------------------------------------

CONTENT = bytes(range(256)) * 4000
SHA256 = hashlib.sha256(CONTENT).hexdigest()


class Server(http.server.BaseHTTPRequestHandler):
    """Serves one file: whole, broken off, wrong, or not at all; and the rest of it if asked."""

    asked: list[str] = []  # noqa: RUF012

    def do_GET(self):
        start = int((self.headers.get("Range") or "bytes=0-")[6:-1])
        Server.asked.append(f"{self.path} {start}")
        kind = self.path.split("/")[1]
        if kind == "none":
            self.send_error(404)
            return
        content = CONTENT[::-1] if kind == "wrong" else CONTENT
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(content) - start))
        self.end_headers()
        self.wfile.write(content[start : 300_000 if kind == "broken" else None])

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def server():
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()


def fetch(folder, *mirrors):
    Server.asked.clear()
    download(folder / "a.gz", SHA256, mirrors, other_sources("download"))


def test_a_file_is_downloaded_once(server, tmp_path):
    fetch(tmp_path / "new", f"{server}/good")
    assert (tmp_path / "new" / "a.gz").read_bytes() == CONTENT
    fetch(tmp_path / "new", f"{server}/good")
    assert Server.asked == []
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["a.gz"]


def test_a_download_that_breaks_off_is_gone_on_with(server, tmp_path):
    with pytest.raises(UserError, match="broke"):
        fetch(tmp_path, f"{server}/broken")
    assert [path.name for path in tmp_path.iterdir()] == [".a.gz.part"]
    fetch(tmp_path, f"{server}/good")
    # Whole blocks of what arrived were kept.
    (asked,) = Server.asked
    assert 0 < int(asked.removeprefix("/good/a.gz ")) <= 300_000
    assert (tmp_path / "a.gz").read_bytes() == CONTENT
    assert [path.name for path in tmp_path.iterdir()] == ["a.gz"]


def test_the_next_mirror_is_tried_and_wrong_content_is_thrown_away(server, tmp_path):
    fetch(tmp_path, f"{server}/none", f"{server}/wrong", f"{server}/good/")
    assert (tmp_path / "a.gz").read_bytes() == CONTENT
    (tmp_path / "a.gz").write_bytes(b"tampered")
    fetch(tmp_path, f"{server}/good")
    assert (tmp_path / "a.gz").read_bytes() == CONTENT


@pytest.mark.parametrize(
    ("mirror", "reason"),
    [
        ("none", "the server says 404"),
        ("wrong", f"SHA-256 is {hashlib.sha256(CONTENT[::-1]).hexdigest()}, not {SHA256}"),
        (None, "no connection"),
    ],
)
def test_a_download_that_fails_says_why_and_leaves_nothing(server, tmp_path, mirror, reason):
    address = "http://127.0.0.1:9" if mirror is None else f"{server}/{mirror}"
    with pytest.raises(UserError) as error:
        fetch(tmp_path, address)
    message = str(error.value)
    assert message.startswith(f"{tmp_path}/a.gz: cannot be downloaded ({address}/a.gz: {reason}")
    assert "path: DIR" in message
    assert "{source: sklearn}" in message
    assert "\n" not in message
    assert list(tmp_path.iterdir()) == []


# Training ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def images():
    return load_images(Source(), None)


def test_samples_are_of_two_digits_and_drawn_for_every_network(images):
    one, other = (sample(images, FAMILY, seed) for seed in (0, 1))
    assert set(images.digits[one.image]) == {3, 5}
    assert (one.labels == (images.digits[one.image] == 5)).all()
    assert one.held_out.sum() == round(0.2 * len(one.labels)) == other.held_out.sum()
    assert (one.held_out != other.held_out).any()
    assert one.inputs.max() == 1
    assert one.inputs.dtype == np.float32


@pytest.mark.parametrize("number", [0, 1])
def test_too_few_images_are_refused(images, number):
    chosen = np.flatnonzero(images.digits == 3)[:number].tolist()
    chosen += np.flatnonzero(images.digits == 5).tolist()
    few = Images(images.pixels[chosen], images.digits[chosen], None, 16)
    with pytest.raises(UserError, match="few: too few images of the digit 3"):
        sample(few, FAMILY, 0)


def test_what_the_data_set_holds_out_is_held_out(images):
    held_out = np.arange(len(images.digits)) % 2 == 0
    found = sample(replace(images, held_out=held_out), FAMILY, 0)
    assert (found.held_out == held_out[found.image]).all()


def test_training_is_the_same_again_and_does_not_depend_on_threads(images):
    (alone, samples), (beside, _) = (stage.digit_networks(FAMILY, images, n) for n in (1, 2))
    pd.testing.assert_frame_equal(alone, beside)
    assert artifacts.to_table(alone, "digit_networks").num_rows == 2
    assert artifacts.to_table(samples, "digit_samples").num_rows == 2 * alone["n_held_out"][0]


def test_a_network_does_not_depend_on_those_beside_it(images):
    """A batch of one equals a batch of many bit for bit, in any order, on any threads."""
    (many, samples), (again, _) = (
        stage.digit_networks(replace(FAMILY, seeds=5), images, n) for n in (1, 3)
    )
    pd.testing.assert_frame_equal(many, again, check_exact=True)
    few, own = stage.digit_networks(FAMILY, images, 2)
    pd.testing.assert_frame_equal(many.head(2), few, check_exact=True)
    pd.testing.assert_frame_equal(samples.head(len(own)), own, check_exact=True)
    for seed in (4, 0, 2):
        alone, loss = train_on_digits(sample(images, FAMILY, seed), FAMILY, seed)
        assert [w[0].tolist() for w in alone.weights] == many["weights"][seed]
        assert [b[0].tolist() for b in alone.biases] == many["biases"][seed]
        assert loss == many["loss"][seed]


def plain_training(images, seed):
    """The first network's training by PyTorch's modules and its plain optimizer.

    Returns:
        The layers, and the mean squared error over the last pass.
    """
    own = sample(images, FAMILY, seed)
    sizes, rng = FAMILY.layer_sizes(64), generator("few", seed, "initialisation")
    modules = []
    for below, above in itertools.pairwise(sizes):
        layer = torch.nn.Linear(below, above)
        for parameter in (layer.weight, layer.bias):
            drawn = rng.uniform(-(below**-0.5), below**-0.5, tuple(parameter.shape))
            parameter.data = torch.tensor(drawn, dtype=torch.float32)
        modules += [layer, torch.nn.LeakyReLU(0.01)]
    model = torch.nn.Sequential(*modules)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01, fused=False)
    inputs, labels = own.inputs[~own.held_out], own.labels[~own.held_out]
    shuffling, order = generator("few", seed, "shuffling"), []
    squared = []
    for _ in range(60):
        if not len(order):
            order, squared = shuffling.permutation(len(labels)), []
        batch, order = order[:16], order[16:]
        error = model(torch.tensor(inputs[batch]))[:, 0] - torch.tensor(labels[batch])
        squared += (error**2).tolist()
        optimizer.zero_grad()
        (error**2).mean().backward()
        optimizer.step()
    return [layer for layer in modules if isinstance(layer, torch.nn.Linear)], np.mean(squared)


@pytest.mark.parametrize("seed", [0, 1])
def test_training_is_adam_on_the_squared_error(images, seed):
    """A loop with PyTorch's plain optimizer, from the same start, over the same batches."""
    own = sample(images, FAMILY, seed)
    found, loss = train_on_digits(own, FAMILY, seed)
    layers, plain_loss = plain_training(images, seed)
    for layer, weight, bias in zip(layers, found.weights, found.biases, strict=True):
        np.testing.assert_allclose(weight[0], layer.weight.detach().numpy(), atol=1e-4)
        np.testing.assert_allclose(bias[0], layer.bias.detach().numpy(), atol=1e-4)
    assert loss == pytest.approx(plain_loss, rel=1e-3)


@given(st.integers(1, 9), st.integers(0, 7), st.integers(1, 40), st.integers(0, 2**32))
def test_products_are_sums_in_ascending_order(n_rows, n_terms, n_columns, seed):
    rng = np.random.default_rng(seed)
    left, right, found = (
        rng.normal(size=size).astype(np.float32)
        for size in ((n_rows, n_terms), (n_terms, n_columns), (n_rows, n_columns))
    )
    plain_sum = found.copy()
    for term in range(n_terms):
        plain_sum += left[:, term, None] * right[term]
    training._add_product(left, right, found)
    assert (found == plain_sum).all()


# Circuits ----------------------------------------------------------------------------------------


def test_the_number_of_candidates():
    cells = count_candidates((3, 3, 3, 1))
    numbers = [p.n_candidates((3, 3, 3, 1), cells) for p in PROTOCOLS.values()]
    assert numbers[0] == 24366
    assert numbers[2] == 94591


@given(
    seed=st.integers(0, 2**32 - 1),
    sizes=st.sampled_from(
        [(2, 2, 1), (1, 2, 2, 1), (2, 2, 2, 1), (3, 2, 1), (3, 1, 2, 1), (1, 2, 1, 2, 1)]
    ),
    n=st.integers(3, 130),
)
def test_circuits_are_those_of_one_forward_pass_each(seed, sizes, n):
    rng = np.random.default_rng(seed)
    pairs = list(itertools.pairwise(sizes))
    network = Networks(
        tuple(rng.normal(size=(1, above, below)).astype(np.float32) for below, above in pairs),
        tuple(rng.normal(size=(1, above)).astype(np.float32) / 2 for _, above in pairs),
    )
    inputs = rng.normal(size=(n, sizes[0]))
    labels = (rng.random(n) < 0.5).astype(np.float32)
    simple = plain.PlainNetwork(
        [w[0].tolist() for w in network.weights],
        [b[0].tolist() for b in network.biases],
    )
    model = [plain.rounded_output(simple, row) for row in inputs.tolist()]
    if seed % 2:  # labels that the network mostly gets right
        labels = np.where(np.arange(n) < n - seed % 3, model, labels).astype(np.float32)
    expected = {}
    for edges in plain.candidates(sizes, plain.strict()):
        answers = [plain.rounded_output(simple, row, edges) for row in inputs.tolist()]
        right = sum(a == b for a, b in zip(answers, labels, strict=True))
        verdict = (right == n, answers == model, 100 * right > 99 * n)
        if any(verdict):
            expected["|".join(",".join(layer) for layer in edges)] = verdict
    judged = circuits.judge(network, inputs, labels)
    names = circuit_ids(sizes, judged.masks)
    verdicts = zip(judged.for_target, judged.for_model, judged.for_sample, strict=True)
    found = dict(zip(names.tolist(), [tuple(map(bool, v)) for v in verdicts], strict=True))
    assert found == expected


@pytest.fixture(scope="module")
def run(images):
    """A family of small networks, whole."""
    family = replace(FAMILY, training=replace(TRAINING, updates=400), seeds=3)
    trained, samples = stage.digit_networks(family, images)
    found = digit_circuits.digit_circuits(trained, samples, 2)
    totals = digit_circuits.digit_summary(trained, found, PROTOCOLS.values(), family.circuit_sizes)
    return family, trained, samples, found, totals


def test_artifacts_keep_their_contracts_and_agree(run):
    _, trained, samples, found, totals = run
    assert trained["converged"].any()
    for frame, artifact in (
        (trained, "digit_networks"),
        (samples, "digit_samples"),
        (found, "digit_circuits"),
        (totals, "digit_summary"),
    ):
        artifacts.to_table(frame, artifact)
    strict = totals[totals["protocol"] == "strict"].set_index("network_id")["n_circuits"]
    numbers = found[found["for_model"]].groupby("network_id").size()
    assert strict.dropna().to_dict() == numbers.to_dict()
    assert (totals["n_circuits"].isna() == ~totals["converged"]).all()


def test_circuits_do_not_depend_on_threads(run):
    _, trained, samples, found, _ = run
    again = digit_circuits.digit_circuits(trained.iloc[::-1], samples, 2, threads=3)
    order = ["network_id", "circuit_id"]
    pd.testing.assert_frame_equal(
        found.sort_values(order, ignore_index=True), again.sort_values(order, ignore_index=True)
    )


def test_the_inputs_of_circuits_are_the_activations_below(run, images):
    """The whole network, computed again in another way, gives the output that is stored."""
    _, trained, samples, _, _ = run
    row = trained.iloc[0]
    own = samples[samples["network_id"] == row["network_id"]]
    values = images.pixels[own["image"]] / np.float32(16)
    layers = list(zip(row["weights"], row["biases"], strict=True))
    for number, (weight, bias) in enumerate(layers):
        if number == len(layers) - 3:
            np.testing.assert_allclose(values, np.stack(own["inputs"].to_list()), atol=1e-12)
        total = values @ np.array(weight).T + np.array(bias)
        values = np.where(total > 0, total, 0.01 * total)
    np.testing.assert_allclose(values[:, 0], own["output"], atol=1e-12)
    assert (images.digits[own["image"]] == np.where(own["label"] == 1, 5, 3)).all()


def test_shares_of_what_is_kept():
    ids = np.array(["11,10|11|1", "01,11|01|1", "11,01|10|1"])
    neurons, edges = kept_shares(ids, (2, 2, 1, 1))
    # Of the inputs both are read four times; hidden neurons are always there.
    assert [n.tolist() for n in neurons] == [[1, 1], [1]]
    assert sorted(edges[0].ravel().tolist()) == pytest.approx([2 / 3, 2 / 3, 2 / 3, 1])
    assert sorted(edges[1].ravel().tolist()) == pytest.approx([2 / 3, 2 / 3])
    assert edges[2].tolist() == [[1]]


# What people see ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def claim():
    return load_claims(ROOT / "paper" / "claims.yaml").claims["C27"]


def test_tables(run, claim):
    family, trained, _, _, totals = run
    summaries = {"few": totals, "again": totals.assign(family="again")}
    rows = by_network(summaries, claim)
    assert len(rows) == 2 * len(trained)
    assert (
        rows["published paper"].tolist() == [3209] * 3 + [pytest.approx(np.nan, nan_ok=True)] * 3
    )
    assert set(rows["published notebook"].dropna()) == {4702}
    table = by_family(summaries, [family]).set_index("protocol")
    own = totals[totals["protocol"] == "text"]["n_circuits"].dropna()
    assert table.loc["text", ["fewest", "most"]].tolist() == [own.min(), own.max()]
    assert table.loc["text", "converged"] == len(own)


def test_image_rows_are_read_back(images):
    rows = image_rows(images)
    artifacts.to_table(rows.head(50), "digit_images")
    found = images_of(rows)
    assert (found.pixels == images.pixels).all()
    assert found.held_out is None
    known = Images(images.pixels[:2], images.digits[:2], np.array([True, False]), 16)
    assert images_of(image_rows(known)).held_out.tolist() == [True, False]
