"""What can go wrong, each with the exit code that the command line ends with.

The API raises these; only :mod:`zipread.cli` turns them into a message and an exit code.
"""

from __future__ import annotations

from enum import IntEnum, StrEnum


class ExitCode(IntEnum):
    """Exit codes of every subcommand. Other programs read them: extend, never renumber."""

    OK = 0
    BUG = 1
    USAGE = 2
    SOME_FAILED = 3
    INPUT = 4
    OUTPUT = 5
    MODEL = 6
    HELD = 7
    CLUSTER = 8
    INTERRUPTED = 130


class ErrorKind(StrEnum):
    """Why a document could not be read; the summary of a run counts by kind."""

    UNSUPPORTED = "unsupported"
    CORRUPT = "corrupt"
    TOO_LARGE = "too-large"
    UNREADABLE = "unreadable"
    TIMEOUT = "timeout"
    CRASHED = "crashed"
    INTERNAL = "internal"


class ZipreadError(Exception):
    """Base of all expected errors: its text says what happened and what to do."""

    exit_code = ExitCode.BUG


class UsageProblem(ZipreadError):
    """The options, the configuration or a layout do not fit together."""

    exit_code = ExitCode.USAGE


class InputProblem(ZipreadError):
    """A named input does not exist or cannot be read."""

    exit_code = ExitCode.INPUT


class OutputProblem(ZipreadError):
    """A result could not be written."""

    exit_code = ExitCode.OUTPUT


class ModelRefused(ZipreadError):
    """The model file is not one that may be loaded or that fits this version."""

    exit_code = ExitCode.MODEL


class OutputHeld(ZipreadError):
    """Another run holds the output folder."""

    exit_code = ExitCode.HELD


class ClusterProblem(ZipreadError):
    """The cluster that should read cannot be reached, was lost, or has other versions."""

    exit_code = ExitCode.CLUSTER


class DocumentError(ZipreadError):
    """One document (or one page of it) cannot be read; a batch goes on with the next."""

    exit_code = ExitCode.SOME_FAILED

    def __init__(self, kind: ErrorKind, message: str) -> None:
        super().__init__(message)
        self.kind = kind

    def __reduce__(self) -> tuple[type[DocumentError], tuple[ErrorKind, str]]:
        """Cross a process boundary with both arguments (the default keeps the text alone)."""
        return type(self), (self.kind, str(self))
