"""A crowd that buys: simulates an actual sale from outside, with nothing but the pages that a browser would see.

`python -m loadtests PLAN.json` plays one sale and speaks JSON lines. It imports nothing of the site and nothing of
the site imports it. Locust is imported in the generator's own processes only, because it changes Python's sockets
for the whole process.
"""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
