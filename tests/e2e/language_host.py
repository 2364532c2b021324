"""A language host for the plain CLI: runs the Python program of a `Pulumi.yaml` project in this process, and plugins beside it.

It stands in for `pulumi-language-python` where no release can be downloaded, on the PATH of tests alone, and is not what users run.
Written from Pulumi's protocol (pulumi/proto/language.proto): the CLI starts it, reads its port from the first line of its output,
and asks it to run the program, or the plugin of a directory with a `PulumiPlugin.yaml`, whose output it is handed as it comes. It
installs nothing: plugins run in this interpreter's environment, not in one of their own. How a program runs is the SDK's own doing,
as in the Automation API's inline programs.
"""

import os
import runpy
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
from pulumi.automation._server import LanguageServer
from pulumi.runtime.proto import language_pb2, language_pb2_grpc, plugin_pb2

NAME = "pulumi-language-python"

PYTHON = "E2E_PYTHON"
"""Variable that names the Python of plugins."""


class Host(LanguageServer):
    """The program that a request names, in the directory that it names."""

    def __init__(self) -> None:
        super().__init__(self._program)
        self._directory = Path()

    def Handshake(self, request: Any, context: Any) -> Any:
        return language_pb2.LanguageHandshakeResponse()

    def GetPluginInfo(self, request: Any, context: Any) -> Any:
        return plugin_pb2.PluginInfo(version="3.259.0")

    def Run(self, request: Any, context: Any) -> Any:
        self._directory = Path(request.info.program_directory)
        os.chdir(self._directory)
        sys.path.insert(0, str(self._directory))
        return super().Run(request, context)

    def RunPlugin(self, request: Any, context: Any) -> Iterator[Any]:
        """The package of a directory, until it ends or the CLI has done with it. What it says goes to the CLI: the first line of
        its output is its port."""
        command = [os.environ[PYTHON], request.info.program_directory, *request.args]
        environment = dict(one.partition("=")[::2] for one in request.env)
        plugin = subprocess.Popen(command, cwd=request.pwd, env=environment or None, stdout=subprocess.PIPE)
        context.add_callback(plugin.terminate)
        assert plugin.stdout is not None
        while text := os.read(plugin.stdout.fileno(), 65536):
            yield language_pb2.RunPluginResponse(stdout=text)
        yield language_pb2.RunPluginResponse(exitcode=plugin.wait())

    def InstallDependencies(self, request: Any, context: Any) -> Any:
        return iter(())

    def _program(self) -> None:
        runpy.run_path(str(self._directory / "__main__.py"), run_name="__main__")


def install(directory: Path, root: Path, python: Path) -> None:
    """Puts a `pulumi-language-python` into `directory`, which is to be on the PATH, run by `python`; `root` is the repository."""
    script = directory / NAME
    imports = os.pathsep.join(str(root / part) for part in ("components", "proxy", "."))
    variables = shlex.join([f"PYTHONPATH={imports}", f"{PYTHON}={python}"])
    script.write_text(f'#!/bin/sh\nexec env {variables} {shlex.quote(str(python))} -m tests.e2e.language_host "$@"\n', "utf-8")
    script.chmod(0o755)


def main() -> None:
    """Serves until the CLI interrupts this process, at whatever it is."""
    signal.signal(signal.SIGINT, lambda *_: os._exit(0))
    server = grpc.server(ThreadPoolExecutor(4))
    language_pb2_grpc.add_LanguageRuntimeServicer_to_server(Host(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(port, flush=True)
    sys.stdout = sys.stderr
    server.wait_for_termination()


if __name__ == "__main__":
    main()
