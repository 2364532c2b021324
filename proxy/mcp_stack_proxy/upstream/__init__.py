"""The servers behind the proxy: a pooled HTTP client, supervised children, and the tasks that belong to them."""
