"""A bound on the memory of a child process that opens other people's files."""

import sys


def limit(size: int) -> None:
    """At most `size` bytes of address space for this process, where the system can limit it."""
    try:
        import resource
    except ImportError:
        return
    address_space = getattr(resource, "RLIMIT_AS", None)
    if address_space is None or sys.platform == "darwin":  # macOS knows the limit and refuses to set it
        return
    resource.setrlimit(address_space, (size, resource.getrlimit(address_space)[1]))
