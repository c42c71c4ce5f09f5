"""How gunicorn serves Tito: a few processes with threads, and a short queue.

The backlog is short on purpose: a visitor who waited behind two thousand others has gone, and
serving the gone is how an overload outlives its cause.
"""

import os

worker_class = "gthread"
workers = int(os.environ.get("WEB_WORKERS", "0")) or max(2, os.cpu_count() or 2)
threads = int(os.environ.get("WEB_THREADS", "8"))
backlog = 64
keepalive = 5
timeout = 30
graceful_timeout = 20
preload_app = False
control_socket_disable = True
accesslog = None
errorlog = "-"
