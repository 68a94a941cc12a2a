"""Small multilayer perceptrons, trained by every optimizer of the registry.

>>> import numpy as np
>>> from optim_core import optimizers
>>> from optim_core.networks import INITS, Course, Layer, Network, first_weights, train
>>> network = Network(2, (Layer(8, "tanh"),), 1, "sigmoid", "binary")
>>> x = np.random.default_rng(0).standard_normal((100, 2))
>>> y = (x[:, 0] * x[:, 1] > 0).astype(float)
>>> start = first_weights(network, INITS["xavier_uniform"](), seed=1)
>>> record = train(Course(network, x, y, x, y, optimizers.REGISTRY["adam"](), 0.01, start, epochs=20))
>>> record.loss.shape
(20,)
"""

from optim_core.networks.activations import ACTIVATIONS
from optim_core.networks.architecture import LOSSES, NORMS, Layer, Network
from optim_core.networks.forward import outputs
from optim_core.networks.initialisation import INITS, first_weights
from optim_core.networks.record import Training
from optim_core.networks.training import Course, train

__all__ = ["ACTIVATIONS", "INITS", "LOSSES", "NORMS", "Course", "Layer", "Network", "Training", "first_weights", "outputs", "train"]
