"""Where the embedded servers keep their data and binaries, and which account runs them.

An ordinary user's servers run as that user, from the environment's own packages, with everything
under the folder they are given. Postgres refuses to run as root; there, both servers run as an
unprivileged account, which may not be able to enter root's home. So as root the binaries are copied
to a folder that only root can write, and the data goes there too where the checkout cannot be entered.
"""

import hashlib
import os
import pwd
import shutil
import stat
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from embedded import Refused, private
from embedded.processes import Account

UNPRIVILEGED = ("nobody", "postgres", "daemon")
STORES = ("/var/lib", "/var/tmp", "/tmp")  # noqa: S108  -- a folder in there is used only once its owner is checked


@dataclass(frozen=True)
class Place:
    """`where` holds what a run knows (lock, secrets, logs), `home` the servers' data.

    `account` is None where the servers run as this process's own account.
    """

    where: Path
    home: Path
    account: Account | None

    def make_folder(self, name: str) -> Path:
        """A new, empty folder in `home` that only the servers' account can enter."""
        folder = self.home / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(mode=0o700)
        self.give(folder)
        return folder

    def give(self, path: Path) -> None:
        """Make the servers' account the owner of `path`."""
        if self.account:
            os.chown(path, self.account.uid, self.account.gid)


def choose(where: Path) -> Place:
    """The place for the servers of the folder `where`: what was chosen before, else a new one."""
    account = _account()
    return Place(where, where if account is None else _home(where, account), account)


def binaries(distribution: str, folders: Sequence[str], *, account: Account | None) -> Path:
    """A folder that holds `folders` of the installed `distribution`, which `account` can read, not write."""
    try:
        package = metadata.distribution(distribution)
    except metadata.PackageNotFoundError:
        raise Refused(f"{distribution} is not installed here; `make run` installs it.") from None
    installed = Path(str(package.locate_file("")))
    if account is None:
        return installed
    copy = _store(account) / f"{distribution}-{package.version}-{_digest(package, folders)}"
    if not copy.exists():
        _copy([installed / folder for folder in folders], copy)
    return copy


def remove(where: Path) -> None:
    """Remove the folder `where` and, if the servers' data is kept elsewhere, that too."""
    home = _kept_home(where)
    if home:
        shutil.rmtree(home, ignore_errors=True)
    shutil.rmtree(where, ignore_errors=True)


def _account() -> Account | None:
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    for name in UNPRIVILEGED:
        if name in known and known[name].pw_uid != 0:
            return Account(name, known[name].pw_uid, known[name].pw_gid)
    raise Refused(f"Postgres does not run as root, and none of {', '.join(UNPRIVILEGED)} exists to run it.")


def _home(where: Path, account: Account) -> Path:
    """`where` if `account` can enter it, else a folder in the store, noted in `where/home` for next time."""
    home = _kept_home(where)
    if home is None and _can_enter(account, where):
        return where
    if home is None:
        store = _store(account)
        _forget_homes_of(where, store)
        home = Path(tempfile.mkdtemp(prefix="home-", dir=store))
        home.chmod(0o711)
        (home / "used-by").write_text(str(where))
        private.write(where / "home", str(home))
    return home


def _kept_home(where: Path) -> Path | None:
    note = where / "home"
    home = Path(note.read_text()) if note.exists() else None
    return home if home and home.is_dir() and home.stat().st_uid == os.geteuid() else None


def _forget_homes_of(where: Path, store: Path) -> None:
    """Remove the data of a checkout that was at this path before and is gone, its passwords with it."""
    for note in store.glob("home-*/used-by"):
        if note.read_text() == str(where):
            shutil.rmtree(note.parent)


def _can_enter(account: Account, folder: Path) -> bool:
    """Whether a stranger such as `account` may pass through `folder` and every folder above it."""
    return all(path.stat().st_mode & stat.S_IXOTH for path in (folder, *folder.parents))


def _store(account: Account) -> Path:
    """Root's folder for what root's home is too private for. Nobody else can have put anything there."""
    for parent in map(Path, STORES):
        folder = parent / "tito-embedded"
        if parent.is_dir() and _can_enter(account, parent) and _is_ours(folder):
            return folder
    raise Refused(f"Root needs a folder of its own in one of {', '.join(STORES)} for the servers' files.")


def _is_ours(folder: Path) -> bool:
    """Make `folder` if it is missing; whether it is a real folder that only this account can write."""
    try:
        folder.mkdir(mode=0o755)
        folder.chmod(0o755)
    except FileExistsError:
        pass
    except OSError:
        return False
    found = folder.lstat()
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid() and not found.st_mode & 0o022


def _digest(package: metadata.Distribution, folders: Sequence[str]) -> str:
    """What tells one build of a version from another: a digest of the digests that the wheel came with."""
    record = (package.read_text("RECORD") or "").splitlines()
    files = sorted(line for line in record if line.startswith(tuple(f"{folder}/" for folder in folders)))
    return hashlib.sha256("".join(line for line in files if ".pyc," not in line).encode()).hexdigest()[:12]


def _copy(folders: Sequence[Path], target: Path) -> None:
    """Copy `folders` into `target`, for all to read whatever the umask; it appears whole or not at all."""
    unneeded = shutil.ignore_patterns("include", "*.a")
    fresh = Path(tempfile.mkdtemp(prefix="copy-", dir=target.parent))
    for folder in folders:
        shutil.copytree(folder, fresh / folder.name, symlinks=True, ignore=unneeded)
    for path in (fresh, *fresh.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
    try:
        fresh.rename(target)
    except OSError:  # another run was quicker
        shutil.rmtree(fresh)
