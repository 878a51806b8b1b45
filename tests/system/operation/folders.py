"""Gateways on folders as they are, without an owner being made first."""
import hashlib
import shutil
import subprocess

from gateway import Gateway


class Bare(Gateway):
    """A folder that nobody has set up; stopped and removed at the end like any other."""

    def __enter__(self):
        return self

    def run(self, *arguments, stdin="", **settings):
        return subprocess.run([self.binary, *arguments], input=stdin, text=True, capture_output=True,
                              env={**self.environment(), **settings}, timeout=60)

    def empty(self):
        shutil.rmtree(self.folder)
        self.folder.mkdir(mode=0o700)


def digest(folder):
    """Of every file's name and content but the lock and SQLite's shared-memory index, which say nothing."""
    whole = hashlib.sha256()
    for file in sorted(folder.rglob("*")):
        if file.is_file() and not file.name.endswith(("-shm", ".lock")):
            whole.update(str(file.relative_to(folder)).encode() + b"\0" + file.read_bytes() + b"\0")
    return whole.hexdigest()
