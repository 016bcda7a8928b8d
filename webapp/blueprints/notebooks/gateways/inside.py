"""What is asked of the server in a notebook's container, from inside: no way in from the keeper is needed.

Each is a program for the container's own Python, given by the environment of that one call and leaving nothing behind.
"""

from __future__ import annotations

# waits until the health check answers, or ASK_SECONDS are over; prints "ready" or what it heard last. By a bare socket: to
# import more would take from the notebook's processor what its server needs to start
WAIT = """
import os, socket, time
where, _, path = os.environ["ASK_URL"].partition("//")[2].partition("/")
host, _, port = where.partition(":")
question = f"GET /{path} HTTP/1.0\\r\\nHost: {where}\\r\\n\\r\\n".encode()
until, last = time.monotonic() + float(os.environ["ASK_SECONDS"]), "nothing"
while time.monotonic() < until:
    try:
        with socket.create_connection((host, int(port)), timeout=5) as line:
            line.sendall(question)
            last = line.makefile("rb").readline().decode("latin-1").strip()
        if last.split(" ")[1][:1] in ("2", "3"):
            print("ready", flush=True)
            break
    except Exception as problem:
        last = repr(problem)
    time.sleep(0.05)
else:
    print(last, flush=True)
"""

# one GET with the token; prints the status, a line break and the body, at most a megabyte
ASK = """
import os, sys, urllib.error, urllib.request
request = urllib.request.Request(os.environ["ASK_URL"], headers={"Authorization": "token " + os.environ["ASK_TOKEN"]})
try:
    answer = urllib.request.urlopen(request, timeout=5)
except urllib.error.HTTPError as problem:
    answer = problem
except Exception:
    sys.exit(3)
sys.stdout.buffer.write(str(answer.status).encode() + b"\\n" + answer.read(1 << 20))
"""


def command(program: str) -> list[str]:
    """How the container's Python runs it: by itself, with nothing of the home on its path."""
    return ["python3", "-I", "-S", "-c", program]
