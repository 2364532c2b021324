"""The ASGI application: endpoints, sessions, streams, start and drain."""
