"""What realtime promises, as sentences that run."""
