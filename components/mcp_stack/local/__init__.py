"""The same stack as processes on this machine: planned from the stack file, supervised, shown, and called by a real client."""
