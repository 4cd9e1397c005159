"""Holds the sink for `drive_node.mjs`: `node.py DIR`, where DIR has the `node_modules`."""
import os, subprocess, sys
import drive, drive_answers

here = os.path.dirname(os.path.abspath(__file__))
drive.start("node", drive_answers.ANSWERS)
sink = drive.sink
record = sink.record


def labelled(*args):
    """The word beside the call, read as the Python drivers read it."""
    now = sink.current
    if now and isinstance(now[2], str):
        sink.current = (now[0], now[1], drive.label(now[2]))
    record(*args)


sink.record = labelled
env = dict(os.environ, SINK_PORT=str(sink.port), NODE_TLS_REJECT_UNAUTHORIZED="0", NODE_NO_WARNINGS="1", NODE_CLIENTS=os.path.abspath(sys.argv[1]))
subprocess.run(["node", "--require", os.path.join(here, "preload.cjs"), os.path.join(here, "drive_node.mjs")], env=env, timeout=420)
