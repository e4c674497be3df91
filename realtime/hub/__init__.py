"""Moves bytes: between the processes, to the sockets; knows no SQL, no users, no message types."""
