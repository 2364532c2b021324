"""Our deployments beside what the seeds' own pages show, before the same judges."""
