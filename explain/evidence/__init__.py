"""What we checked: evidence for or against one map, row by row, and never a total."""
