"""One module per thing a worker can be asked to do with a tree; each has `run(args, context)`."""
