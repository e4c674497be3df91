"""Clients that mean harm: what each kind costs the others, and the server."""
