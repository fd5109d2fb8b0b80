"""The shell's commands, one file a subject; each calls an operation and prints what it answers."""
