"""A place for programs that may leave things behind on purpose or by mistake.

Inside there are pid, mount, ipc, uts, net and cgroup namespaces of its own,
mounts shared among themselves as on a freshly booted machine, and a network
card that leads nowhere. /tmp and /run are empty, and all files but those in
there and in the scratch directory are read-only. No fork bomb and no memory
hog gets past a limit. Everything goes away at the end. See sandbox-outside
and sandbox-inside.
"""
import fcntl
import os
import shutil
import subprocess
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

MOST_PROCESSES = 4000
HERE = Path(__file__).resolve().parent
PLACE, PREFIX = Path("/var/tmp"), "ductbox_"

_running = set()    # processes that sandboxes wait for


def stop_all():
    """Ends what runs in sandboxes, whichever thread waits for it."""
    for process in list(_running):
        process.kill()


def scratch_directory():
    """(path, lock): a new directory that is ours for as long as the lock is.

    Removes those that tools left behind when they were killed.
    """
    door = os.open(PLACE, os.O_RDONLY | os.O_CLOEXEC)
    fcntl.flock(door, fcntl.LOCK_EX)  # nobody sweeps what isn't locked yet
    try:
        _sweep()
        # not /tmp: it may be a tmpfs, which is no home for an upper layer
        path = Path(tempfile.mkdtemp(prefix=PREFIX, dir=PLACE))
        path.chmod(0o755)
        lock = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        fcntl.flock(lock, fcntl.LOCK_EX)
        return path, lock
    finally:
        os.close(door)


def _sweep():
    for path in PLACE.glob(PREFIX + "*"):
        lock = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            for hierarchy in hierarchies():
                remove_cgroup(hierarchy.parent / path.name)
            shutil.rmtree(path, ignore_errors=True)
        except OSError:
            pass  # somebody works in there
        os.close(lock)


@contextmanager
def borrowed_directory(path):
    """Makes sure that a directory is there; who needs it last, removes it.

    Only if it was not there, and is empty: nothing is left on the host. Each
    borrower holds a lock, so that none removes what another mounts over.
    """
    while True:
        os.makedirs(path, exist_ok=True)
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        fcntl.flock(descriptor, fcntl.LOCK_SH)
        if os.fstat(descriptor).st_nlink:
            break
        os.close(descriptor)  # removed before it was ours
    try:
        yield
    finally:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.rmdir(path)
        except OSError:
            pass  # in use, or not empty
        os.close(descriptor)


@dataclass(frozen=True)
class Hierarchy:
    """A mounted cgroup hierarchy, and where in it new cgroups may be made."""
    mount: str
    type: str       # cgroup or cgroup2
    options: str    # that mount it again, e.g. "cpu,cpuacct"
    parent: Path


class Sandbox:
    """Use as a context manager, for one run; @scratch is for the caller too.

    @root: the project, kept visible when it lies below /tmp
    """

    def __init__(self, root):
        self.root = Path(root)
        self.binds = []
        self.scratch = self._lock = None
        self.cgroups = []   # its directories, one for each hierarchy

    def __enter__(self):
        self.scratch, self._lock = scratch_directory()
        (self.scratch / "tmp").mkdir()
        (self.scratch / "tmp").chmod(0o1777)
        try:
            self._make_cgroups()
        except OSError:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for directory in self.cgroups:
            remove_cgroup(directory)
        shutil.rmtree(self.scratch, ignore_errors=True)
        os.close(self._lock)

    def _make_cgroups(self):
        half_of_memory = os.sysconf("SC_PHYS_PAGES") * \
            os.sysconf("SC_PAGE_SIZE") // 2
        lines = []
        for hierarchy in hierarchies():
            directory = hierarchy.parent / self.scratch.name
            directory.mkdir()
            self.cgroups.append(directory)
            for name in ["cpuset.cpus", "cpuset.mems"]:  # v1 starts with none
                source = hierarchy.parent / name
                if hierarchy.type == "cgroup" and source.exists():
                    _write(directory / name, source.read_text())
            for name, value in [("pids.max", MOST_PROCESSES),
                                ("memory.max", half_of_memory),
                                ("memory.limit_in_bytes", half_of_memory)]:
                _write(directory / name, value)
            lines.append(f"{directory} {hierarchy.mount} {hierarchy.type} "
                         f"{hierarchy.options}\n")
        (self.scratch / "cgroups").write_text("".join(lines))

    def bind(self, file, path):
        """Lets @path show @file to what runs inside; both must exist."""
        self.binds += [str(file), str(path)]

    def run(self, argv, timeout=None, **options):
        """Runs @argv inside; the exit status, or None after @timeout."""
        command = ["setpriv", "--pdeathsig", "KILL", HERE / "sandbox-outside",
                   self.scratch, self.root, *self.binds, "--", *argv]
        with subprocess.Popen(command, **options) as process:
            _running.add(process)
            try:
                status = process.wait(timeout)
            except subprocess.TimeoutExpired:
                status = None
            finally:
                _running.discard(process)
                process.kill()  # takes all of the pid namespace with it
        if not (self.scratch / "entered").exists():
            raise RuntimeError("the sandbox cannot be entered")
        return status

    def leftover_cgroups(self):
        """What was made inside and is still there."""
        return [Path(directory) for top in self.cgroups
                for directory, _, _ in os.walk(top)
                if Path(directory) not in (top, top / "leaf")]


def hierarchies():
    """Every Hierarchy that this process is in."""
    own, found = {}, {}
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        own[frozenset(controllers.split(","))] = path
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        fields, _, rest = line.partition(" - ")
        mount_root, mount = fields.split()[3:5]
        kind, _, options = rest.split()[:3]
        if kind not in ("cgroup", "cgroup2"):
            continue
        key = next((controllers for controllers in own
                    if controllers <= set(options.split(",")) or
                    (kind == "cgroup2" and controllers == {""})), None)
        if key is None or key in found:
            continue
        below = os.path.relpath(own[key], mount_root)
        if below.startswith(".."):
            continue
        parent = Path(mount, below)
        if kind == "cgroup2":
            parent = _with_most_controllers(parent, Path(mount))
        found[key] = Hierarchy(mount, kind, ",".join(sorted(key)) or "rw",
                               parent)
    return list(found.values())


def _with_most_controllers(directory, mount):
    """Of a cgroup and those above it, the one that passes down most."""
    candidates = [directory, *directory.parents]
    candidates = candidates[:candidates.index(mount) + 1]
    return max(candidates, key=lambda candidate: len(
        (candidate / "cgroup.subtree_control").read_text().split()))


def _write(path, value):
    """Writes a control file, if this cgroup has it and takes the value."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
    except OSError:
        return
    try:
        os.write(descriptor, str(value).strip().encode())
    except OSError:
        pass
    finally:
        os.close(descriptor)


def remove_cgroup(top):
    """Removes a cgroup and those below, once their dying are dead."""
    deadline = time.monotonic() + 5
    while top.exists() and time.monotonic() < deadline:
        for directory, _, _ in os.walk(top, topdown=False):
            # a frozen process of cgroup v1 does not even die when killed
            _write(Path(directory, "freezer.state"), "THAWED")
            try:
                os.rmdir(directory)
            except OSError:
                time.sleep(0.01)
