"""How bytes leave the process and how files get their names: the one room that writes, syncs, names, locks and cleans up.

What each part promises:

- `write_all`, `flush`, `copy` (writing.py): all bytes are taken, or there is an error. A count that a file object returns is
  honoured, whatever kind of file object it is.
- `sync`, `sync_folder` (syncing.py): what a disk says of a failure is final, and no later sync makes it good.
- `Pending`, `scratch_folder`, `remove_leftovers` (temporary.py): what is not finished has a hidden name, and goes.
- `publish`, `give_name`, `refuse_existing`, `check_distinct` (names.py): a file gets its name when it is whole, however a file
  system can do that; it never takes another's without permission; files that belong together get theirs all or none.
- `watch`, `OneProcess` (forks.py): a forked child shares no pool and no lock with its parent, nor writes into its files.
- `is_special`, `is_pipe`, `open_special` (special.py): devices, pipes and `/dev/stdout` are written to, never replaced.
- `Lock`, `refuse_locked`, `wait_for_lock` (locks.py): one writer at a time.

Whatever the operating system refuses becomes a :class:`~n1codec.errors.FileError` that names the file (`os_errors`).
"""

from n1codec.disk.faults import file_name, os_errors
from n1codec.disk.forks import OneProcess, watch
from n1codec.disk.locks import Lock, is_locked, refuse_locked, wait_for_lock
from n1codec.disk.names import check_distinct, give_name, publish, real_path, refuse_existing
from n1codec.disk.special import is_pipe, is_special, open_special
from n1codec.disk.syncing import sync, sync_folder
from n1codec.disk.temporary import Pending, remove_leftovers, scratch_folder, temporary_home
from n1codec.disk.writing import Writable, copy, flush, wait_writable, write_all

__all__ = [
    "Lock",
    "OneProcess",
    "Pending",
    "Writable",
    "check_distinct",
    "copy",
    "file_name",
    "flush",
    "give_name",
    "is_locked",
    "is_pipe",
    "is_special",
    "open_special",
    "os_errors",
    "publish",
    "real_path",
    "refuse_existing",
    "refuse_locked",
    "remove_leftovers",
    "scratch_folder",
    "sync",
    "sync_folder",
    "temporary_home",
    "wait_for_lock",
    "wait_writable",
    "watch",
    "write_all",
]
