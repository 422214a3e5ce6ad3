"""TONGUES: pure translators to and from the rails, and each rail's emulator."""
