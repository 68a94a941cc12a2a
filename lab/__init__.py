"""Everything between the mathematics and the pages."""

__version__ = "0.1.0"
