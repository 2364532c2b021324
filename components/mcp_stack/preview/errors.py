"""What stops a preview. The message is for the person at the keyboard and is complete: no traceback belongs to it."""


class PreviewError(Exception):
    """A program, project or revision that cannot be evaluated."""


class NoSuchStack(PreviewError):
    """The project has no configuration for the stack."""


class NoSuchProject(PreviewError):
    """The directory holds no Pulumi project."""
