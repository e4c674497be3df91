"""Nothing missed, nothing doubled: faults that are really made, and a judge of the history."""
