"""Networks from objects in memory; what is analysed has to be what the object computes."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from sklearn.neural_network import MLPClassifier, MLPRegressor
from torch import nn
from torch.nn.utils import prune

from identifiability import explain
from identifiability.errors import UserError
from identifiability.networks.models import from_anything
from identifiability.networks.stack import Reading
from tests.examples import examples

ROWS = torch.tensor([[0.0, 0], [0, 1], [1, 0], [1, 1]])


def linear(weight, bias, kind=nn.Linear):
    """A linear layer with these numbers."""
    layer = kind(len(weight[0]), len(weight))
    with torch.no_grad():
        layer.weight.copy_(torch.tensor(weight))
        layer.bias.copy_(torch.tensor(bias))
    return layer


def first():
    return linear([[1.0, 1], [1, 1]], [0.0, -1])


def second(kind=nn.Linear):
    return linear([[1.0, -2]], [0.0], kind)


def chain(*between):
    return nn.Sequential(first(), *(between or [nn.ReLU()]), second())


class Functional(nn.Module):
    """Calls functions instead of modules."""

    def __init__(self):  # noqa: D107
        super().__init__()
        self.fc1, self.fc2 = first(), second()

    def forward(self, x):
        hidden = nn.functional.relu(self.fc1(torch.flatten(x, 1)))
        return nn.functional.linear(hidden, self.fc2.weight, self.fc2.bias)


class Nested(nn.Module):
    """Modules inside modules."""

    def __init__(self):  # noqa: D107
        super().__init__()
        self.body = nn.Sequential(nn.Flatten(), nn.Sequential(first(), nn.ReLU()))
        self.head = nn.Sequential(nn.Dropout(0.5), second(), nn.Identity())

    def forward(self, x):
        return self.head(self.body(x))


def pruned():
    model = chain()
    prune.random_unstructured(model[0], "weight", amount=0)
    model.load_state_dict({k: v.clone() for k, v in model.state_dict().items()})
    return model


SAME = {
    "a Sequential": chain,
    "functions": Functional,
    "nested": lambda: Nested().eval(),
    "float64": lambda: chain().double(),
    "float16": lambda: chain().half(),
    "bfloat16": lambda: chain().bfloat16(),
    "DataParallel": lambda: nn.DataParallel(chain()),
    "compiled": lambda: torch.compile(chain()),
    "parametrised": lambda: nn.Sequential(
        first(), nn.ReLU(), nn.utils.parametrizations.weight_norm(second())
    ),
    "pruned": pruned,
}


@pytest.mark.parametrize("name", SAME)
def test_one_network_in_many_modules(name):
    found = explain(SAME[name](), protocol="strict")
    [target] = found["targets"]
    assert (target["target"], target["n_circuits"]) == ("XOR", 1)
    assert found["read_as"] == "relu hidden, linear output, round"


class Negating(nn.Sequential):
    def forward(self, x):
        return 1 - super().forward(x)


class Doubled(nn.Linear):
    def forward(self, x):
        return 2 * super().forward(x)


class Branching(nn.Module):
    def __init__(self):  # noqa: D107
        super().__init__()
        self.model = chain()

    def forward(self, x):
        return self.model(x) if x.sum() > 0 else x


class Residual(nn.Module):
    def __init__(self):  # noqa: D107
        super().__init__()
        self.fc1, self.fc2 = first(), second()

    def forward(self, x):
        return self.fc2(torch.relu(self.fc1(x)) + x)


def hooked():
    model = chain()
    model[1].register_forward_hook(lambda module, given, found: found * 0)
    return model


def hooked_pair():
    """Two outputs for argmax, exchanged by a hook."""
    model = nn.Sequential(first(), nn.ReLU(), linear([[-3.0, 6], [4, -8]], [1.0, -1]))
    model[2].register_forward_hook(lambda module, given, found: found.flip(1))
    return model


class Bare(nn.Module):
    """Weights without a Linear module around them."""

    def __init__(self):  # noqa: D107
        super().__init__()
        for name, layer in (("1", first()), ("2", second())):
            self.register_parameter(f"w{name}", nn.Parameter(layer.weight.detach()))
            self.register_parameter(f"b{name}", nn.Parameter(layer.bias.detach()))

    def forward(self, x):
        hidden = torch.relu(nn.functional.linear(x, self.w1, self.b1))
        return nn.functional.linear(hidden, self.w2, self.b2)


class Backwards(nn.Module):
    """Registers its last layer first."""

    def __init__(self):  # noqa: D107
        super().__init__()
        self.fc2, self.fc1 = second(), first()

    def forward(self, x):
        return self.fc2(torch.relu(self.fc1(x)))


def hooked_bare():
    model = Bare()
    model.register_forward_hook(lambda module, given, found: 1 - found)
    return model


@pytest.mark.parametrize("make", [Bare, Backwards])
def test_layers_need_not_be_modules_or_in_order(make):
    assert explain(make(), protocol="strict")["targets"][0]["target"] == "XOR"


def test_a_hook_is_not_passed_over_whatever_the_readout():
    with pytest.raises(UserError, match=r"^model: layer '2' does something else"):
        explain(hooked_pair(), readout="argmax")
    for readout in ("round", "above:0.5"):
        with pytest.raises(UserError, match=r"^model: its forward does something else"):
            explain(hooked_bare(), readout=readout)


REFUSED = {
    "a hook": (hooked, r"^model: layer '1' does something else than its weights say"),
    "a forward of its own": (lambda: Negating(*chain()), r"^model: .*unexpected (r)?sub"),
    "a layer of its own": (
        lambda: nn.Sequential(first(), nn.ReLU(), second(Doubled)),
        r"^model: 2: unexpected mul",
    ),
    "branches": (Branching, r"^model: its forward cannot be followed"),
    "a residual": (Residual, r"^model: .*its forward is no chain of layers"),
    "training": (lambda: chain(nn.ReLU(), nn.Dropout(0.5)), r"it is in training mode"),
    "a list": (lambda: nn.ModuleList([first(), second()]), r"a ModuleList has no forward"),
    "TorchScript": (lambda: torch.jit.script(chain()), r"^model: TorchScript; give the module"),
    "no numbers": (
        lambda: nn.Sequential(nn.LazyLinear(2), nn.ReLU(), nn.LazyLinear(1)),
        r"^model: its weights hold no numbers yet",
    ),
    "nothing": (nn.Sequential, r"^model: a Sequential without layers"),
    "slopes": (lambda: chain(nn.LeakyReLU(-0.1)), r"negative_slope: -0\.1 is not a number from"),
    "softmax": (
        lambda: nn.Sequential(first(), nn.ReLU(), nn.Linear(2, 2), nn.Softmax(-1)),
        r"a softmax is read by its larger output; give readout argmax",
    ),
    "logits": (
        lambda: nn.Sequential(first(), nn.ReLU(), linear([[9.0, -18]], [-4.0])),
        r"; by --readout above:0 it computes XOR",
    ),
    "None": (lambda: None, r"^model: a NoneType; it must be"),
}


@pytest.mark.parametrize("name", REFUSED)
@pytest.mark.filterwarnings("ignore::UserWarning", "ignore::DeprecationWarning")
def test_what_does_more_than_its_layers_is_refused_in_one_line(name):
    make, message = REFUSED[name]
    with pytest.raises(UserError, match=message) as error:
        explain(make(), protocol="strict")
    assert len(str(error.value).splitlines()) == 1


@examples(20)
@given(st.integers(0, 2**32 - 1), st.sampled_from(["first", "between", "after", "before last"]))
def test_normalisation_is_folded(seed, place):
    torch.manual_seed(seed)
    norm = nn.BatchNorm1d(2 if place == "first" else 3, eps=0.1)
    with torch.no_grad():
        for numbers in (norm.weight, norm.bias, norm.running_mean):
            numbers.normal_()
        norm.running_var.uniform_(0.5, 2)
    layers = [nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 3), nn.Tanh(), nn.Linear(3, 1)]
    layers.insert({"first": 0, "between": 1, "after": 2, "before last": 4}[place], norm)
    model = nn.Sequential(*layers).eval()
    loaded = from_anything(model, Reading())
    with torch.no_grad():
        wanted = model(ROWS).double().numpy()
    assert np.allclose(loaded.network.outputs()[0], wanted, atol=1e-5)
    assert loaded.network.layer_sizes == (2, 3, 3, 1)
    assert any("folded into the weights" in note for note in loaded.assumed)


@pytest.mark.parametrize("ending", [(), (nn.Softmax(-1),), (nn.Sigmoid(),)])
def test_two_outputs_are_read_as_their_difference(ending):
    both = linear([[-3.0, 6], [4, -8]], [1.0, -1])
    model = nn.Sequential(first(), nn.ReLU(), both, *ending)
    found = explain(model, protocol="strict", readout="argmax")
    [target] = found["targets"]
    assert (target["target"], target["n_circuits"]) == ("XOR", 1)
    assert "argmax of two outputs read as their difference above 0" in found["read_as"]


def test_other_values_for_false_and_true():
    # ReLU of the sum and of its negative, less 1: above 0 where both inputs are alike.
    model = nn.Sequential(
        linear([[1.0, 1], [-1, -1]], [0.0, 0]), nn.ReLU(), linear([[1.0, 1]], [-1.0])
    )
    found = explain(model, protocol="strict", readout="above:0", inputs=(-1, 1))
    assert found["targets"][0]["target"] == "XNOR"
    assert found["read_as"] == "relu hidden, linear output, above:0, inputs -1 and 1"
    assert found.frames["networks"]["levels"].iloc[0] == [-1, 1]


@pytest.mark.parametrize("kind", [MLPClassifier, MLPRegressor])
def test_scikit_learn(kind):
    bits = ROWS.numpy()
    model = kind(
        hidden_layer_sizes=(4,), activation="tanh", solver="lbfgs", max_iter=5000, random_state=2
    )
    model.fit(bits, [0, 1, 1, 0])
    network = from_anything(model, Reading()).network
    own = model.predict_proba(bits)[:, 1] if kind is MLPClassifier else model.predict(bits)
    assert np.allclose(network.outputs()[0, :, 0], own, atol=1e-5)
    assert explain(model, protocol="strict")["targets"][0]["target"] == "XOR"


def test_arrays_in_lists():
    w1, b1, w2, b2 = [[1.0, 1], [1, 1]], [0.0, -1], [[1.0, -2]], [0.0]
    whole = explain(chain(), protocol="strict")["targets"]
    flat = [np.array(part) for part in (w1, b1, w2, b2)]
    pairs = [(flat[0], flat[1]), (flat[2], flat[3])]
    apart = ([flat[0].T, flat[2].T], [flat[1], flat[3]])  # as scikit-learn has them
    for arrays in (flat, pairs, apart):
        assert explain(arrays, protocol="strict", activation="relu")["targets"] == whole
    with pytest.raises(UserError, match="expected each layer's weight, then its bias"):
        explain([np.array(b1), np.array(w1)], activation="relu")


def test_a_state_dict_needs_an_activation():
    state = Functional().state_dict()
    with pytest.raises(UserError, match="it does not say its activation"):
        explain(state)
    assert explain(state, protocol="strict", activation="relu")["targets"][0]["n_circuits"] == 1


def test_predictions_that_are_not_those_of_the_weights_are_refused():
    model = SimpleNamespace(
        coefs_=[np.ones((2, 2)), np.array([[1.0], [-2]])],
        intercepts_=[np.array([0.0, -1]), np.zeros(1)],
        activation="relu",
        out_activation_="identity",
        n_features_in_=2,
        predict=lambda rows: np.ones(len(rows)),
    )
    with pytest.raises(UserError, match="its predictions are not those of its weights"):
        explain(model)
