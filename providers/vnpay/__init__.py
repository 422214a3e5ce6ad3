"""VNPAY by its payment gateway, version 2.1.0."""
