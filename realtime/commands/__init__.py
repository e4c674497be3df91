"""The larger commands of `realtime`; imported by `__main__` alone."""
