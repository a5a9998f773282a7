"""Who the customers are, under which addresses, and which of them are one."""
