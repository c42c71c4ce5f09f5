"""Starts the generator's processes, lets them begin in the same moment, and puts together what they say."""

import json
import queue
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from loadtests import ROOT
from loadtests.outcome import Run, outcome
from loadtests.plan import Plan
from loadtests.tally import COUNTS, Tally

READY_SECONDS, LEAD_SECONDS, LAST_WORDS_SECONDS = 120.0, 0.2, 15.0
LOOK_SECONDS = 0.1


class GeneratorFailed(Exception):
    """A process of the generator ended before its time, so there is no figure."""


class Conductor:
    """One run of a plan. `tell` gets every progress; `stop` may be called from a signal's handler."""

    def __init__(self, plan: Plan, tell: Callable[[Mapping[str, Any]], None]) -> None:
        self._plan = replace(plan, receipts=str(Path(plan.receipts).resolve()))
        self._tell, self._due = tell, plan.moments
        self._said: queue.Queue[tuple[int, dict[str, Any] | None]] = queue.Queue()
        self._ticks = [Counter[str]() for _ in range(plan.processes)]
        self._is_stopped = False

    def stop(self) -> None:
        """End the run; what was seen until then is its outcome."""
        self._is_stopped = True

    def run(self) -> dict[str, Any]:
        """The outcome. Raises GeneratorFailed."""
        Path(self._plan.receipts).write_text("")
        processes = [self._start(share) for share in range(self._plan.processes)]
        try:
            self._hear(processes, "ready", within=READY_SECONDS)
            began, began_at = self._begin(processes)
            ends = self._conduct(processes, began)
        finally:
            for process in processes:
                _close(process)
        return self._outcome(ends, began_at, time.monotonic() - began)

    def _start(self, share: int) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "loadtests.generator"], cwd=ROOT, text=True, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, start_new_session=True,  # Ctrl-C is for us alone, who tell the others
        )  # fmt: skip
        _write(process, {"plan": self._plan.to_json(), "share": share, "shares": self._plan.processes})
        threading.Thread(target=self._listen, args=(share, process), daemon=True).start()
        return process

    def _listen(self, share: int, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None  # noqa: S101  -- it was asked for as a pipe
        for line in process.stdout:
            self._said.put((share, json.loads(line)))
        self._said.put((share, None))

    def _begin(self, processes: list[subprocess.Popen[str]]) -> tuple[float, datetime]:
        """The same moment for all: soon, or at the opening, before which the waiting crowd comes."""
        lead = LEAD_SECONDS
        if self._plan.opens_at is not None:
            lead = max(lead, (self._plan.opens_at - datetime.now(UTC)).total_seconds() - self._plan.opening)
        began, began_at = time.monotonic() + lead, datetime.now(UTC).timestamp() + lead
        for process in processes:
            _write(process, {"began": began})
        return began, datetime.fromtimestamp(began_at, UTC)

    def _conduct(self, processes: list[subprocess.Popen[str]], began: float) -> list[dict[str, Any]]:
        """Tell the progress every second until every process has ended or the run is stopped."""
        ends: dict[int, dict[str, Any]] = {}
        next_second, is_told = 1, False
        while len(ends) < len(processes):
            if self._is_stopped and not is_told:
                is_told, deadline = True, time.monotonic() + LAST_WORDS_SECONDS
                for process in processes:
                    _close_input(process)
            if is_told and time.monotonic() > deadline:
                raise GeneratorFailed("A process of the generator did not stop.")
            self._take_in(ends)
            if time.monotonic() - began >= next_second:
                self._progress(next_second)
                next_second = int(time.monotonic() - began) + 1
        return list(ends.values())

    def _take_in(self, ends: dict[int, dict[str, Any]]) -> None:
        try:
            share, message = self._said.get(timeout=LOOK_SECONDS)
        except queue.Empty:
            return
        if message is None:
            if share not in ends:
                raise GeneratorFailed("A process of the generator has ended before its time.")
        elif "tick" in message:
            self._ticks[share] = Counter(message["tick"])
        elif "end" in message:
            ends[share] = message["end"]

    def _hear(self, processes: list[subprocess.Popen[str]], word: str, *, within: float) -> None:
        deadline, heard = time.monotonic() + within, set[int]()
        while len(heard) < len(processes):
            try:
                share, message = self._said.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                raise GeneratorFailed("The generator did not get ready.") from None
            if message is None or word not in message:
                raise GeneratorFailed("A process of the generator could not start.")
            heard.add(share)

    def _progress(self, second: int) -> None:
        totals = sum(self._ticks, Counter[str]())
        scheduled = sum(1 for due in self._due if due < second)
        counts = {name: totals[name] for name in (*COUNTS, "at_work")}
        self._tell({"second": second, "scheduled": scheduled, **counts})

    def _outcome(self, ends: list[dict[str, Any]], began_at: datetime, seconds: float) -> dict[str, Any]:
        tally = Tally()
        for end in ends:
            tally.merge(Tally.read(end["tally"]))
        run = Run(
            self._due, sum(end["started"] for end in ends), [end["cpu"] for end in ends], began_at, seconds,
            any(end["is_partial"] for end in ends),
        )  # fmt: skip
        return outcome(tally, run)


def _write(process: subprocess.Popen[str], message: Mapping[str, Any]) -> None:
    assert process.stdin is not None  # noqa: S101  -- it was asked for as a pipe
    try:
        process.stdin.write(json.dumps(message) + "\n")
        process.stdin.flush()
    except BrokenPipeError:
        raise GeneratorFailed("A process of the generator could not be told to begin.") from None


def _close_input(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None  # noqa: S101  -- it was asked for as a pipe
    process.stdin.close()


def _close(process: subprocess.Popen[str]) -> None:
    """Stop it in its own way, or by force."""
    _close_input(process)
    try:
        process.wait(LAST_WORDS_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
