"""A long life under load: something breaks every half minute, and nothing may grow."""
