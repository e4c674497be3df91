"""The HTTP edge: accounts, uploads, pictures, health and the page itself."""
