"""The desk: where finance staff see orders and cases."""
