"""A real controller in front of a stack: Traefik, as a process in the cluster's network, and programs at its pods' addresses."""
