"""Runs inside a target that is a Python program and that the bench has started.

Python imports a module of this name when it starts (site — Site-specific configuration hook); the bench puts this folder at
the beginning of PYTHONPATH. It adds one thread that waits at a socket, and does nothing until it is asked: then it collects
garbage and counts the objects that are alive. Each process of the target, forked ones too, has its own.

A request is one byte. To `g`, garbage is collected, and the answer is a line of JSON:
{"bytes": N, "small_bytes": N, "kinds": {"module.Type": [objects, bytes], ...}}; where stacks are traced also "traces":
[{"frames": [[file, line], ...], "count": N, "size": N}, ...], the line that allocated first. To `t`, malloc is asked to give back to the
kernel what is free, and the answer is {"trimmed": true}, or false where there is no malloc_trim(3).
"""

import _thread
import gc
import json
import os
import socket
import sys
from importlib.machinery import PathFinder
from importlib.util import module_from_spec

# SMALL_REQUEST_THRESHOLD of Objects/obmalloc.c: up to here objects come from arenas of Python's own.
LARGEST_SMALL_OBJECT = 512

_folder = os.environ.get("TIDEMARK_AGENT_FOLDER")
_frames = int(os.environ.get("TIDEMARK_AGENT_PYTHON_FRAMES", "0"))
_here = os.path.dirname(os.path.abspath(__file__))


def _import_hidden_module():
    """Imports the sitecustomize that would have been imported if this one were not here."""
    elsewhere = [path for path in sys.path if os.path.abspath(path or ".") != _here]
    spec = PathFinder.find_spec("sitecustomize", elsewhere)
    if spec is not None and spec.loader is not None:
        spec.loader.exec_module(module_from_spec(spec))


def _traces():
    """Tells what is alive by the stack that has allocated it, without what this module has."""
    own = (__file__, tracemalloc.__file__)
    sums = {}
    # As they are: `statistics()` and `filter_traces()` of a snapshot take seconds for what a server holds.
    for _, size, frames, *_ in tracemalloc.take_snapshot().traces._traces:
        if frames[0][0] in own:
            continue
        # A stack is one object in all traces, and takes long to compare.
        total = sums.setdefault(id(frames), [frames, 0, 0])
        total[1] += 1
        total[2] += size
    return [
        {"frames": frames, "count": count, "size": size} for frames, count, size in sums.values()
    ]


def _count():
    """Counts what is alive after a collection, by type: objects that the collector knows, and what they refer to."""
    gc.collect()
    kinds = {}
    small = 0
    # Of those that the collector does not know, as several others may refer to one. Each id is an object that is traced, if any are.
    seen = set()
    todo = []
    tracked = gc.get_objects()
    own = (kinds, seen, todo, tracked)

    def count(each):
        nonlocal small
        try:
            size = sys.getsizeof(each)
        except Exception:  # A type may have a __sizeof__ of its own that fails.
            size = object.__sizeof__(each)
        total = kinds.setdefault(type(each), [0, 0])
        total[0] += 1
        total[1] += size
        if size <= LARGEST_SMALL_OBJECT:
            small += size
        for referent in gc.get_referents(each):
            if not gc.is_tracked(referent):
                name = id(referent)
                if name not in seen:
                    seen.add(name)
                    todo.append(referent)

    for each in tracked:
        if not any(each is one for one in own):
            count(each)
        while todo:
            count(todo.pop())
    named = {}
    for kind, (objects, size) in kinds.items():
        name = kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
        before = named.setdefault(name, [0, 0])
        before[0] += objects
        before[1] += size
    return {
        "bytes": sum(size for _, size in named.values()),
        "small_bytes": small,
        "kinds": named,
        # Last, as it makes many objects itself; what was made in this file is not in it.
        **({"traces": _traces()} if _frames > 0 and tracemalloc.is_tracing() else {}),
    }


def _trim():
    """Gives free memory back to the kernel, as far as glibc's malloc has it."""
    try:
        import ctypes

        ctypes.CDLL(None).malloc_trim(0)
    except (ImportError, OSError, AttributeError):
        return {"trimmed": False}
    return {"trimmed": True}


def _serve(listener):
    while True:
        try:
            connection, _ = listener.accept()
            with connection:
                while request := connection.recv(1):
                    answer = _trim() if request == b"t" else _count()
                    connection.sendall(json.dumps(answer).encode() + b"\n")
        except OSError:
            # The bench has gone away, and the target goes on without it. A closed listener ends this thread.
            if listener.fileno() < 0:
                return


def _listen():
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        listener.bind(os.path.join(_folder, f"{os.getpid()}.py.sock"))
        listener.listen()
    except OSError:
        # Without a place for its socket the target runs as it would without the agent.
        listener.close()
        return
    _thread.start_new_thread(_serve, (listener,))


if _folder is not None:
    if _frames > 0:
        # Only now: it brings pickle and others with it, which would stay in the memory that is measured.
        import tracemalloc

        tracemalloc.start(_frames)
    os.environ.update(json.loads(os.environ.get("TIDEMARK_AGENT_CHILD_VARIABLES", "{}")))
    _listen()
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=_listen)
_import_hidden_module()
