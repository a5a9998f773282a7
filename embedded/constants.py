"""What the embedded programs agree on, kept where reading it loads nothing else."""

HOST = "127.0.0.1"
"""The only address anything embedded listens on."""

COMPANY_NAME, COMPANY_ADDRESS = "Autohaus Musterstadt", "anfragen@musterstadt.example"
"""Who writes to customers, and where customers write to."""

SET_UP = "set up"
"""The line that tells the supervisor that workers and web may start."""
