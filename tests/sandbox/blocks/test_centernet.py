"""CenterNet: its targets by hand, boxes there and back, suppression, and pictures learned by heart."""

import pytest
import torch

from sandbox.blocks.centernet import (
    STRIDE,
    CenterNet,
    centernet_loss,
    decode,
    generalised_iou,
    peaks,
    suppressed,
)

BOXES = torch.tensor([[[4.0, 4.0, 20.0, 28.0, 0.0], [40.0, 8.0, 60.0, 24.0, 1.0], [-1.0] * 5]])


def test_a_peak_is_one_at_its_centre_and_falls_with_the_width():
    high, there = peaks(BOXES, 8, 16)
    assert there.tolist() == [[1, 1, 0]]
    assert high[0, 0, 4, 3] == 1 and high[0, 1, 4, 12] == 1 and not high[0, 2].any()
    spread = 0.09 * 16 / STRIDE
    assert high[0, 0, 4, 4] == pytest.approx(float(torch.exp(torch.tensor(-1 / (2 * spread**2)))), rel=1e-5)
    assert high[0, 0, 5, 3] > high[0, 0, 4, 4]  # it is higher than wide


def made(boxes: torch.Tensor, height: int = 8, width: int = 16) -> torch.Tensor:
    """Outputs (1, 6, H, W) that say exactly these boxes."""
    outputs = torch.full((1, 6, height, width), -8.0)
    for left, top, right, bottom, kind in boxes.tolist():
        if kind < 0:
            continue
        column, row = int((left + right) / 2 / STRIDE), int((top + bottom) / 2 / STRIDE)
        x, y = (column + 0.5) * STRIDE, (row + 0.5) * STRIDE
        outputs[0, int(kind), row, column] = 8.0
        outputs[0, 2:, row, column] = (
            torch.tensor([x - left, y - top, right - x, bottom - y]) / STRIDE
        ).log()
    return outputs


def test_what_the_maps_say_is_what_is_decoded():
    ((boxes, kinds, scores),) = decode(made(BOXES[0]), least=0.5)
    order = kinds.argsort()
    torch.testing.assert_close(boxes[order], BOXES[0, :2, :4])
    assert kinds[order].tolist() == [0, 1] and (scores > 0.99).all()


def test_the_loss_is_small_for_the_truth_and_larger_for_other_boxes():
    right = centernet_loss(made(BOXES[0]), BOXES)
    moved = BOXES.clone()
    moved[:, :2, [0, 2]] += 12
    assert centernet_loss(made(moved[0]), BOXES) > 2 * right
    assert torch.isfinite(centernet_loss(made(BOXES[0]), torch.full((1, 1, 5), -1.0)))


def test_generalised_iou_is_one_for_the_same_and_negative_far_away():
    box = torch.tensor([[0.0, 0.0, 10.0, 10.0]])
    assert generalised_iou(box, box).item() == pytest.approx(1)
    assert generalised_iou(box, box + 20).item() == pytest.approx(-(900 - 200) / 900)
    assert generalised_iou(box, torch.tensor([[0.0, 0.0, 10.0, 5.0]])).item() == pytest.approx(0.5)


def test_suppression_is_greedy_and_by_class():
    boxes = torch.tensor([[[0, 0, 10, 10], [0, 0, 10, 9], [0, 4, 10, 13], [0, 0, 10, 10]]], dtype=torch.float)
    kinds = torch.tensor([[0, 0, 0, 1]])
    assert suppressed(boxes, kinds, 0.3).tolist() == [[False, True, True, False]]
    # The third overlaps only what is gone itself.
    assert suppressed(boxes, kinds, 0.5).tolist() == [[False, True, False, False]]


@pytest.mark.thorough
def test_learns_two_pictures_by_heart():
    torch.manual_seed(0)
    model = CenterNet(2, channels=(16, 24, 32))
    pictures = torch.rand(2, 3, 32, 64)
    boxes = torch.cat([BOXES, torch.tensor([[[30.0, 2.0, 50.0, 30.0, 0.0], [-1.0] * 5, [-1.0] * 5]])])
    optimizer = torch.optim.AdamW(model.parameters(), 3e-3)
    for _ in range(150):
        optimizer.zero_grad()
        centernet_loss(model(pictures), boxes).backward()
        optimizer.step()
    with torch.inference_mode():
        found = decode(model(pictures), least=0.5)
    for (told, kinds, _), truth in zip(found, boxes, strict=True):
        truth = truth[truth[:, 4] >= 0]
        assert sorted(kinds.tolist()) == sorted(truth[:, 4].int().tolist())
        for box, kind in zip(told, kinds, strict=True):
            assert generalised_iou(box[None], truth[truth[:, 4] == kind][:1, :4]).item() > 0.8
