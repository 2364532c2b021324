"""A real cluster, which is read and never changed: whether it has what a stack needs, and what is wrong with what runs."""
