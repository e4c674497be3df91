"""Malformed input by the thousand, to both deployments at once: they say the same, and live on."""
