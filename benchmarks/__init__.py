"""`make bench`: the proxy beside nginx over the same server, in one run on one machine, against the budgets."""
