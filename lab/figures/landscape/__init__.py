"""Figures of slices of a network's loss: level lines and surfaces with the paths in them, what they leave out, lines, curvature. No Streamlit, no JAX."""
