"""The same rows, policies and statements here and in a real PostgreSQL: what differs is a fault of one of us."""
