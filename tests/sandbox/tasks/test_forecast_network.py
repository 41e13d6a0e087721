"""The network that forecasts: its quantiles are in order, follow the window, and hold what they promise."""

import pytest
import torch

from sandbox.tasks.families.forecast_network import ForecastNetwork


@pytest.mark.parametrize("block", ["linear", "mlp", "cnn", "lstm"])
def test_another_level_and_another_unit_move_the_forecast_likewise(block):
    torch.manual_seed(0)
    net = ForecastNetwork(block, 40, 6, hidden=8, depth=2).eval()
    torch.nn.init.normal_(net.head.weight)
    torch.nn.init.normal_(net.skip.weight, std=0.1)
    x = torch.randn(3, 40, 2)
    y = net(x)
    assert y.shape == (3, 6, 2, 3) and (y.diff(dim=-1) > 0).all()
    torch.testing.assert_close(net(5 * x - 7), 5 * y - 7, rtol=2e-3, atol=2e-3)
    # Every series by itself: the other one changes nothing.
    torch.testing.assert_close(net(torch.stack([x[..., 0], 9 * x[..., 1]], -1))[:, :, 0], y[:, :, 0])


@pytest.mark.parametrize("count", [30, 400])
def test_a_calibrated_band_holds_eight_of_ten(count):
    torch.manual_seed(0)
    net = ForecastNetwork("linear", 8, 5, hidden=1, depth=1).eval()
    x, new = torch.randn(count, 8, 1), torch.randn(1000, 8, 1)
    noise = torch.distributions.Exponential(1.0)  # not the same on both sides

    def truth(inputs):
        return net(inputs)[..., 1] + 3 * noise.sample((len(inputs), 5, 1))

    with torch.no_grad():
        net.calibrate(net(x), truth(x))
        y, said = truth(new), net(new)
    inside = ((said[..., 0] <= y) & (y <= said[..., -1])).float().mean()
    assert 0.7 < inside < 0.95
    assert ((y > said[..., -1]).float().mean() - 0.1).abs() < 0.06


def test_few_windows_that_overlap_make_the_band_wider():
    torch.manual_seed(0)
    x, wide = torch.randn(18, 8, 1), []
    with torch.no_grad():
        for independent in (None, 1.5):
            net = ForecastNetwork("linear", 8, 5, hidden=1, depth=1).eval()
            torch.manual_seed(1)
            truth = net(x)[..., 1] + 3 * torch.randn(18, 5, 1)
            net.calibrate(net(x), truth, independent)
            wide.append(net.stretch)
    assert (wide[1] > 1.1 * wide[0]).all()
