"""Figures of trainings: curves over the epochs, what the network says, the network itself, histograms. No Streamlit, no JAX."""
