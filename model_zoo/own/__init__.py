"""A user's own model: inspected without Keras, rebuilt first in a child process, then opened."""
