"""The unit that other figures are told in: the CPU time of one empty Django view."""

from bench import cpu
from bench.load import as_fast_as_it_goes, at_pace
from bench.wire import get
from embedded.processes import Part

CONNECTIONS = 16
PACE = 0.5  # of what was reached at the fastest
CPU = "CPU ms"


def measure(empty: Part, port: int, *, seconds: float) -> dict[str, float]:
    """What the empty view costs now, in CPU milliseconds, and how it answers."""
    request = get("/", port)
    before = cpu.seconds({"empty": empty.process.pid})
    load = as_fast_as_it_goes(port, request, connections=CONNECTIONS, seconds=seconds)
    used = cpu.spent(before, cpu.seconds({"empty": empty.process.pid}))["empty"]
    paced = at_pace(port, request, connections=CONNECTIONS, seconds=seconds, per_second=PACE * load.per_second)
    return {
        CPU: 1000 * used / len(load.latencies), "a second": load.per_second,
        "p50 ms": paced.p50_ms, "p99 ms": paced.p99_ms,
    }  # fmt: skip
