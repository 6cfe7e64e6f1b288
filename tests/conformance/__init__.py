"""The conformance sets: what other people's statements and answers say of this program.

dev/conformance runs them. A set is a module with NAME, FILE and run(context) -> Tally; context gives the
records, the probe and the server."""
