"""The list of layers, beside the same layers written out."""

import pytest
import torch
import torch.nn.functional as F

from lecturelib.encoders.vgg import ConvStack


def test_the_stack_is_its_list_written_out():
    net = ConvStack(channels=3, plan=(4, "M", 6)).double().eval()
    images = torch.rand(2, 3, 8, 8, dtype=torch.float64)
    x = images
    for place, pool in ((0, True), (4, False)):
        conv, norm = net.layers[place], net.layers[place + 1]
        x = F.conv2d(x, conv.weight, padding=1)
        x = F.batch_norm(x, norm.running_mean, norm.running_var, norm.weight, norm.bias)
        x = F.max_pool2d(F.relu(x), 2) if pool else F.relu(x)
    torch.testing.assert_close(net.maps(images), x)
    torch.testing.assert_close(net(images), x.flatten(2).mean(2))
    assert net.dim == 6


@pytest.mark.parametrize(("plan", "weights"), [((4,), 3 * 3 * 4), ((4, 5), 36 + 3 * 3 * 4 * 5)])
def test_a_three_by_three_layer_has_nine_weights_a_pair_of_channels(plan, weights):
    net = ConvStack(plan=plan)
    assert sum(p.numel() for p in net.parameters() if p.ndim == 4) == weights
