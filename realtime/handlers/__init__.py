"""One file per word before the dot of a command."""
