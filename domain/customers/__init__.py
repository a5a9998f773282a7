"""What is known of customers from elsewhere, and when two entries are the same one."""
