"""What ends a backup or a restore, in the type: it decides the exit code, and with it whether asking again can help."""


class BackupError(Exception):
    """It did not work this time. Nothing was taken away from what was there before."""

    exit_code = 1


class UsageError(BackupError):
    """What was asked for makes no sense; asking again does not change that."""

    exit_code = 2


class BusyError(BackupError):
    """Another process is at work on the same."""

    exit_code = 3


class DamagedError(BackupError):
    """A backup that is not what was once written, or that this version cannot read."""

    exit_code = 4
