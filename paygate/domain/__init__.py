"""GROUND: money, time, ids and states. The standard library only, and no I/O."""
