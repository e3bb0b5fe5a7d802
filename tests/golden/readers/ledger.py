#!/usr/bin/env python3
"""Keeps the ledger of the boat house."""

import csv

RATE = 12  # euros an hour


# Boats are rented by the hour.
@dataclass
class Boat:
    """One boat."""

    name: str

    def cost(self, hours):
        """What a rental costs."""

        return hours * RATE

    @property
    def label(self):
        def inner():
            return self.name
        return inner()


def total(boats):
    return sum(boat.cost(1) for boat in boats)


if __name__ == "__main__":
	print(total([]))
