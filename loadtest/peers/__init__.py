"""The other servers that do this job, each installed by the command that measures it."""
