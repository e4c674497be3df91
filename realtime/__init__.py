"""A websocket-first social server."""
