"""How gunicorn serves Tito: a few processes with threads, and a queue of its own before them.

The worker (kit/crowd_worker.py) takes every connection out of the system's backlog at once and decides who waits, in
which order, and who is told to come back: the backlog is only as long as a burst that arrives between two looks.
"""

import os

os.environ.setdefault("STATEMENT_TIMEOUT_MS", "3000")  # read with the settings, when a worker loads the site

worker_class = "kit.crowd_worker.CrowdWorker"
workers = int(os.environ.get("WEB_WORKERS", "0")) or max(2, os.cpu_count() or 2)
threads = int(os.environ.get("WEB_THREADS", "8"))
backlog = 512
keepalive = 5
worker_connections = 4000
timeout = 30
graceful_timeout = 20
preload_app = False
control_socket_disable = True
accesslog = None
errorlog = "-"
