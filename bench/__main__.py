"""Builds a stock Rasa assistant and Linden, measures them side by side, and writes docs/BENCHMARK.md.

    .venv/bin/python -m bench [--runs N] [--turns N] [--skip-build]

The order changes from run to run, so that what drifts on the machine favours neither.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence

from bench import build, machine, plots, report
from bench.measure import Run, encode, measure
from bench.messages import ANSWER, MESSAGES
from bench.places import LINDEN, LINDEN_ENVIRONMENT, STOCK, STOCK_ENVIRONMENT, BenchError
from bench.processes import end_in_order
from bench.results import Results, Round
from bench.subjects import ASSISTANTS, FLOOR_SUBJECT

LOAD = (3.0, 10.0)  # seconds at each number of people, at least and at most
TRAININGS = 1  # runs that train anew; no target rests on it, and it takes most of the time
FLOOR_LOAD = 2.0  # seconds; an empty handler answers enough turns in it


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Return the options."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--runs", type=int, default=3, metavar="N", help="how often everything is measured (3)")
    parser.add_argument("--turns", type=int, default=500, metavar="N", help="turns before memory is read (500)")
    parser.add_argument("--skip-build", action="store_true", help="use what an earlier run built")
    options = parser.parse_args(arguments)
    if options.runs < 1 or options.turns < 20:
        parser.error("at least one run of 20 turns is needed")
    return options


def one_round(number: int, turns: int, seconds: float) -> Round:
    """Measure both assistants, in turned order every second time, and the floors."""
    found: dict[str, Run] = {}
    for subject in ASSISTANTS if number % 2 == 0 else tuple(reversed(ASSISTANTS)):
        begun = time.perf_counter()
        found[subject.name] = run = measure(subject, turns, seconds, training=number < TRAININGS)
        training = f"training {run.training:.0f} s, " if run.training else ""
        loads = ", ".join(f"{value:.1f}" for value in run.load.values())
        print(
            f"  {subject.name}: {training}start {run.start:.1f} s, {run.memory.pss:.0f} MB, "
            f"{loads} turns/s, in {time.perf_counter() - begun:.0f} s",
            flush=True,
        )
    return Round(found["linden"], found["stock"], measure(FLOOR_SUBJECT, turns, FLOOR_LOAD), encode(MESSAGES[ANSWER]))


def sizes() -> dict[str, dict[str, float]]:
    """Return the size in MB of each environment, and of all that is served with it."""
    environments = {"linden": LINDEN_ENVIRONMENT, "stock": STOCK_ENVIRONMENT}
    everything = {"linden": (LINDEN,), "stock": (STOCK, STOCK_ENVIRONMENT)}  # Linden's environment lies in its folder
    return {
        name: {"environment": build.size(folder), "all": build.size(*everything[name])}
        for name, folder in environments.items()
    }


def main() -> int:
    """Run the bench; a fault is one line, not a traceback."""
    end_in_order()
    options = parse()
    begun, seconds = time.perf_counter(), min(LOAD[1], max(LOAD[0], options.turns / 50))
    try:
        if not options.skip_build:
            build.build()
        build.check()
        found = Results(options.turns, seconds, machine.describe(), build.version(), {})
        watch = machine.Watch()
        for number in range(options.runs):
            print(f"Run {number + 1} of {options.runs} ...", flush=True)
            found.rounds.append(one_round(number, options.turns, seconds))
        found.others = watch.others()
        found.sizes = sizes()
        found.minutes = (time.perf_counter() - begun) / 60
        plots.draw(found)
        report.write(found)
    except BenchError as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    print(f"docs/BENCHMARK.md and its pictures are written ({found.minutes:.0f} minutes)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
