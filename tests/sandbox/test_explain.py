"""Looking into a CNN, against known answers: fields against gradients, Grad-CAM of a network made by hand."""

import pytest
import torch

from sandbox import explain
from sandbox.blocks.cnn import CNN

NETWORKS = {
    "digits": {"channels": (4, 6), "pool": (1, 2), "norm": "batch"},
    "strides": {"channels": (4, 4, 4), "kernel": (5, 3, 3), "stride": (2, 1, 1), "pool": (1, 2, 1)},
    "no padding": {"channels": (3, 5), "kernel": (3, 4), "padding": 0, "pool": (2, 1), "norm": "batch"},
}


def make(name, shape=(2, 20, 20), **more):
    torch.manual_seed(0)
    # Sigmoids have a slope everywhere, so that a gradient is zero only where there is no connection.
    keywords = {"activation": "sigmoid", "hidden": (8,), "out_dim": 3, **NETWORKS[name], **more}
    return CNN(shape, **keywords).eval()


@pytest.mark.parametrize("name", NETWORKS)
def test_field_is_where_the_gradient_reaches(name):
    """No pixel outside the field has a gradient; over many pictures, as pooling picks, all inside have."""
    model = make(name)
    for stage, field in enumerate(explain.fields(model)):
        side = explain.feature_maps(model, torch.randn(1, 2, 20, 20))[stage].shape[2]
        for row, column in ((0, side - 1), (side // 2, side // 2)):
            x = torch.randn(64, 2, 20, 20, requires_grad=True)
            (gradient,) = torch.autograd.grad(model.body[: stage + 1](x)[:, :, row, column].sum(), x)
            reached = gradient.abs().amax((0, 1)) > 0
            (top, bottom), (left, right) = field.span(row), field.span(column)
            expected = torch.zeros(20, 20, dtype=torch.bool)
            expected[max(0, top) : bottom, max(0, left) : right] = True
            assert torch.equal(reached, expected), (stage, row, column)


def test_field_of_known_layers():
    """Two 3x3 convolutions see 5x5; a pooling of 2 between them 8x8 by steps of 2."""
    twice = explain.Field(0, 1, 1).behind(3, 1, 1).behind(3, 1, 1)
    assert (twice.start, twice.jump, twice.size) == (-2, 1, 5)
    pooled = explain.Field(0, 1, 1).behind(3, 1, 1).behind(2, 2, 0).behind(3, 1, 1)
    assert (pooled.start, pooled.jump, pooled.size) == (-3, 2, 8)
    assert pooled.span(4) == (5, 13)


def by_hand():
    """One filter copies the picture, one is dead; class 0 adds up the left half, class 1 takes it away."""
    model = CNN((1, 4, 4), (2,), kernel=1, hidden=(), out_dim=2).eval()
    with torch.no_grad():
        conv, linear = next(iter(model.body.children())).get_submodule("0"), model.head[0]
        assert isinstance(conv, torch.nn.Conv2d) and isinstance(linear, torch.nn.Linear)
        assert conv.bias is not None
        conv.weight.copy_(torch.tensor([1.0, 0.0]).reshape(2, 1, 1, 1))
        conv.bias.zero_()
        left = torch.zeros(4, 4)
        left[:, :2] = 1
        linear.weight.zero_()
        linear.weight[0, :16] = left.flatten()
        linear.weight[1, :16] = -left.flatten()
        linear.bias.zero_()
    return model, left


def test_grad_cam_and_saliency_of_a_network_made_by_hand():
    model, left = by_hand()
    image = torch.arange(1.0, 17.0).reshape(1, 4, 4)
    # a = mean slope = 1/2 for the copying filter; the map is relu(a A).
    torch.testing.assert_close(explain.grad_cam(model, image, 0), 0.5 * image[0])
    assert explain.grad_cam(model, image, 1).max() == 0
    torch.testing.assert_close(explain.saliency(model, image, 0)[0], left)
    torch.testing.assert_close(explain.saliency(model, image, 1)[0], -left)


def test_grad_cam_is_the_definition_at_any_stage():
    model = make("strides")
    image = torch.randn(2, 20, 20)
    for stage in range(3):
        kept = []
        handle = model.body[stage].register_forward_hook(lambda m, i, o, kept=kept: kept.append(o))
        score = model(image[None])[0, 2]
        handle.remove()
        (slope,) = torch.autograd.grad(score, kept[0])
        expected = torch.einsum("k,khw->hw", slope[0].mean((1, 2)), kept[0][0]).relu()
        torch.testing.assert_close(explain.grad_cam(model, image, 2, stage), expected)


def test_a_filter_that_is_off_finds_nothing_and_comes_back():
    model = make("digits")
    images, labels = torch.randn(30, 2, 20, 20), torch.randint(3, (30,))
    before = model(images)
    with explain.switched_off(model, {0: [1, 3], 1: []}) as dark:
        maps = explain.feature_maps(dark, images)
        assert maps[0][:, [1, 3]].abs().max() == 0
        assert maps[0][:, 0].abs().max() > 0
        assert not torch.equal(dark(images), before)
    assert torch.equal(model(images), before)
    shares = explain.importance(model, images, labels, 0)
    for number in range(4):
        with explain.switched_off(model, {0: [number]}):
            right = (model(images).argmax(1) == labels).double().mean()
        assert shares[number] == right


@pytest.mark.parametrize("name", NETWORKS)
def test_a_pixel_is_the_sum_of_its_products(name):
    model = make(name, activation="relu")
    image = torch.randn(2, 20, 20)
    maps = explain.feature_maps(model, image[None])
    for stage, values in enumerate(maps):
        for row, column in ((0, 0), (values.shape[2] - 1, 2)):
            found = explain.pixel(model, image, stage, 1, row, column)
            assert found.sum == pytest.approx(
                (found.patch * found.weights).sum().item() + found.bias, abs=1e-5
            )
            assert found.value == pytest.approx(max(0.0, found.normalised), abs=1e-6)
            assert found.value == found.window.max().item()
            assert found.value == pytest.approx(values[0, 1, row, column].item(), abs=1e-6)


def test_a_map_is_laid_over_the_picture_where_it_looks():
    model = make("strides")
    field = explain.fields(model)[-1]
    side = explain.feature_maps(model, torch.randn(1, 2, 20, 20))[-1].shape[2]
    values = torch.zeros(side, side)
    values[1, 3] = 1
    laid = explain.over_picture(values, field, (20, 20))
    row, column = divmod(int(laid.argmax()), 20)
    for at, index in ((row, 1), (column, 3)):
        first, behind = field.span(index)
        assert abs(at + 0.5 - (first + behind) / 2) <= field.jump / 2
