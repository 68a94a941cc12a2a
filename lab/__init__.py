"""Everything between the mathematics and the pages."""

__version__ = "0.6.0"
