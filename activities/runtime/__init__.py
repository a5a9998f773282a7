"""What every activity needs: threads, a heartbeat, order per key, waking others."""
