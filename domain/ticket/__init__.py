"""What happens to a ticket: facts, the rules that judge them, and the agenda of what comes."""
