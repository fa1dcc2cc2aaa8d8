"""One file a model; each ends in `MODEL = ModelEntry(...)`."""
