"""Plays systemd towards one service: python3 service_manager.py WATCHDOG_USEC PORT... -- COMMAND...

Listens at the ports of 127.0.0.1 for as long as it lives, and hands the sockets to what it starts. Each line of its standard input is an
order: `start`, or the name of a signal for the service. It says "listening", each notification as one line "told ...", and "ended STATUS".
"""

import fcntl
import os
import signal
import socket
import sys
import tempfile
import threading

FIRST = 3


def say(text):
    print(text, flush=True)


def listen(port):
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    listener.listen(64)
    return fcntl.fcntl(listener.detach(), fcntl.F_DUPFD_CLOEXEC, 100)  # out of the way of what the service gets


def start(command, sockets):
    child = os.fork()
    if child == 0:
        for at, descriptor in enumerate(sockets):
            os.dup2(descriptor, FIRST + at)
        os.environ["LISTEN_PID"] = os.environ["WATCHDOG_PID"] = str(os.getpid())
        os.environ["LISTEN_FDS"] = str(len(sockets))
        os.execvp(command[0], command)
    threading.Thread(target=lambda: say(f"ended {os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])}"), daemon=True).start()
    return child


def hear(notifications):
    while True:
        say("told " + notifications.recv(4096).decode().replace("\n", " "))


def main():
    end = sys.argv.index("--")
    sockets, command = [listen(int(port)) for port in sys.argv[2:end]], sys.argv[end + 1:]
    with tempfile.TemporaryDirectory() as folder:
        notifications = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        os.environ["NOTIFY_SOCKET"] = folder + "/notify"
        os.environ["WATCHDOG_USEC"] = sys.argv[1]
        notifications.bind(os.environ["NOTIFY_SOCKET"])
        threading.Thread(target=hear, args=(notifications,), daemon=True).start()
        say("listening")
        child = None
        for order in sys.stdin:
            if order.strip() == "start":
                child = start(command, sockets)
            else:
                os.kill(child, signal.Signals[order.strip()])


main()
