"""What is asked of the server in a notebook's container, from inside: no way in from the keeper is needed.

Each is a program for the container's own Python, given by the environment of that one call and leaving nothing behind.
"""

from __future__ import annotations

# waits until the health check answers, or WAIT seconds are over; prints "ready" or what it heard last
WAIT = """
import os, time, urllib.request
url, until, last = os.environ["ASK_URL"], time.monotonic() + float(os.environ["ASK_SECONDS"]), "nothing"
while time.monotonic() < until:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            answer.read(1)
            print("ready", flush=True)
            break
    except Exception as problem:
        last = repr(problem)
        time.sleep(0.03)
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
