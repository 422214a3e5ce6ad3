"""What one callback costs, in ratios taken within one run (TRUST 8): `python -m bench`."""
