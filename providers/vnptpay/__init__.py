"""VNPT Money by the merchant API of VNPT Pay, version 1.0.5."""
