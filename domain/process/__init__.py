"""What a process definition says: phases, moments, gates, roles, and who is told."""
