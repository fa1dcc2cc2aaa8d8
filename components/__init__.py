"""What screens are made of. Figures are pure; one module (`compute`) owns every cache."""
