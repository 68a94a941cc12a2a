"""The loss of a network over planes and lines through its weights, a training's path in them, and its curvature along the path (lecture rows A15, D13)."""

from optim_core.landscape.curvature import Curvature, curvature, hessian_plane, leading, threshold
from optim_core.landscape.directions import Plane, between_plane, coordinate_plane, line_plane, path_plane, random_plane
from optim_core.landscape.projection import Shadow, explained, project
from optim_core.landscape.slices import Ground, Heights, axis, heights, slope, true_heights
from optim_core.landscape.smoothness import Smoothness, smoothness

__all__ = [
    "Curvature", "Ground", "Heights", "Plane", "Shadow", "Smoothness", "axis", "between_plane", "coordinate_plane", "curvature", "explained", "heights",
    "hessian_plane", "leading", "line_plane", "path_plane", "project", "random_plane", "slope", "smoothness", "threshold", "true_heights",
]  # fmt: skip
