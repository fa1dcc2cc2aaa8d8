"""Training networks: data sets, recipes, a process of its own that trains, and what it recorded on the way."""
