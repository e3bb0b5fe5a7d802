"""A belt hands things on in order, holds back who is too far ahead, and lets everybody go when it ends."""

from threading import Thread

from ingest.belt import Belt


def test_things_come_in_order_and_together_until_it_is_enough() -> None:
    belt: Belt[str] = Belt(100, len)
    for thing in ("a", "bb", "ccc", "dddd"):
        belt.put(thing)
    assert belt.take(3) == ["a", "bb"]
    belt.end()
    assert belt.take(100) == ["ccc", "dddd"]
    assert belt.take(100) == []


def test_who_is_ahead_waits_and_one_thing_always_fits() -> None:
    belt: Belt[str] = Belt(4, len)
    belt.put("longer than the belt")
    putting = Thread(target=belt.put, args=("next",))
    putting.start()
    putting.join(0.1)
    assert putting.is_alive()
    assert belt.take(1) == ["longer than the belt"]
    putting.join(5)
    assert belt.take(1) == ["next"]


def test_the_end_frees_all_who_wait() -> None:
    full: Belt[str] = Belt(1, len)
    full.put("full")
    empty: Belt[str] = Belt(1, len)
    threads = [Thread(target=full.put, args=("dropped",)), Thread(target=empty.take, args=(1,))]
    for thread in threads:
        thread.start()
    for belt in (full, empty):
        belt.end(clear=True)
    for thread in threads:
        thread.join(5)
        assert not thread.is_alive()
    assert full.take(1) == []
