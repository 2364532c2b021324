"""The protocol as data: envelopes, revisions, headers, event streams, and the bridges between eras. Opens no socket."""
