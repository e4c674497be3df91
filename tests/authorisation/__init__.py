"""Who may do what: everybody, with every command and every route, on everything."""
