"""A hopeless submission: its client connects and does nothing more."""

import socket
import threading

sock = socket.create_connection(("localhost", 14900))
threading.Event().wait()
