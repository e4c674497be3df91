"""The people of `realtime demo`: who they are, what they say, what they draw."""
