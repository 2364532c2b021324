"""A stdio server that reads, says nothing, and does not end when it is asked to."""

import signal
import time

signal.signal(signal.SIGTERM, signal.SIG_IGN)
while True:
    time.sleep(1)
