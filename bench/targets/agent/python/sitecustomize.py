"""Runs inside a target that is a Python program and that the bench has started.

Python imports a module of this name when it starts (site — Site-specific configuration hook); the bench puts this folder at
the beginning of PYTHONPATH. It adds one thread that waits at a socket, and does nothing until it is asked: then it collects
garbage and counts the objects that are alive. Each process of the target, forked ones too, has its own.

A request is one byte. To `g`, garbage is collected, and the answer is a line of JSON:
{"bytes": N, "small_bytes": N, "kinds": {"module.Type": [objects, bytes], ...}}; where stacks are traced also "traces":
{"lines": [[file, line], ...], "stacks": [[[index, ...], blocks, bytes], ...]}, a stack being indexes of lines, the one that allocated
first. To `t`, malloc is asked to give back to the kernel what is free, and the answer is {"trimmed": true}, or false where there is no
malloc_trim(3).
"""

import _thread
import gc
import json
import os
import socket
import sys
from collections import defaultdict
from importlib.machinery import PathFinder
from importlib.util import module_from_spec
from itertools import chain, filterfalse

# SMALL_REQUEST_THRESHOLD of Objects/obmalloc.c: up to here objects come from arenas of Python's own.
LARGEST_SMALL_OBJECT = 512

# So many objects are counted at once, by functions of Python's that are not written in Python: where stacks are traced, each object that
# is made on the way costs ten times what it does else, and what is made for a batch should not show in the memory that is measured.
BATCH = 1000

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
    by_stack = defaultdict(list)
    # As they are: `statistics()` and `filter_traces()` of a snapshot take seconds for what a server holds.
    for trace in tracemalloc.take_snapshot().traces._traces:
        by_stack[trace[2]].append(trace[1])
    stacks = [(frames, sizes) for frames, sizes in by_stack.items() if frames[0][0] not in own]
    lines = list(set(chain.from_iterable(frames for frames, _ in stacks)))
    index = dict(zip(lines, range(len(lines))))
    return {
        "lines": lines,
        "stacks": [
            (list(map(index.__getitem__, frames)), len(sizes), sum(sizes)) for frames, sizes in stacks
        ],
    }


def _count():
    """Counts what is alive after a collection, by type: objects that the collector knows, and what they refer to."""
    gc.collect()
    tracked = gc.get_objects()
    kinds = {}
    # Of those that the collector does not know, as several others may refer to one. Each id is an object that is traced, if any are.
    seen = set()
    small = 0
    for start in range(0, len(tracked), BATCH):
        todo = tracked[start : start + BATCH]
        while todo:
            small += _add(kinds, todo)
            todo = _untracked_referents(todo, seen)
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


def _add(kinds, objects):
    """Adds objects to the sums of their types, and returns the bytes of the small ones."""
    by_kind = defaultdict(list)
    for each in objects:
        by_kind[type(each)].append(each)
    small = 0
    for kind, alike in by_kind.items():
        try:
            sizes = list(map(sys.getsizeof, alike))
        except Exception:
            sizes = list(map(_size, alike))
        total = kinds.setdefault(kind, [0, 0])
        total[0] += len(alike)
        total[1] += sum(sizes)
        small += sum(filter(LARGEST_SMALL_OBJECT.__ge__, sizes))
    return small


def _size(each):
    try:
        return sys.getsizeof(each)
    except Exception:  # A type may have a __sizeof__ of its own that fails.
        return object.__sizeof__(each)


def _untracked_referents(objects, seen):
    """Returns what they refer to that the collector does not know, each object once, and adds it to what was seen."""
    referents = list(filterfalse(gc.is_tracked, gc.get_referents(*objects)))
    by_id = dict(zip(map(id, referents), referents))
    for known in seen.intersection(by_id):
        del by_id[known]
    seen.update(by_id)
    return list(by_id.values())


def _trim():
    """Gives free memory back to the kernel, as far as glibc's malloc has it."""
    try:
        import ctypes

        ctypes.CDLL(None).malloc_trim(0)
    except (ImportError, OSError, AttributeError):
        return {"trimmed": False}
    return {"trimmed": True}


def _answer(request):
    """Nothing of an answer is left when the next is made: it would be counted."""
    return json.dumps(_trim() if request == b"t" else _count()).encode() + b"\n"


def _serve(listener):
    while True:
        try:
            connection, _ = listener.accept()
            with connection:
                while request := connection.recv(1):
                    connection.sendall(_answer(request))
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
