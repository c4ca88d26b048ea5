"""Circuits in the last layers of networks that tell two digits apart (paper, section 4.3)."""
