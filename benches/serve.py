#!/usr/bin/env python3
"""How long it takes from an event to the store: events at a steady rate to a `stocksync serve`, whose store is a simulated shop on loopback.

    python3 benches/serve.py PROGRAM SIMULATOR PLUGINS [RATE] [SECONDS] [SKUS] [SLOW] [CONNECTIONS] [TOGETHER]

PROGRAM is `stocksync`, SIMULATOR `stocksync-sim`, PLUGINS the folder of the connectors' libraries; SLOW is how many milliseconds the shop takes for an answer, 1 unless
it is said; CONNECTIONS how many bring events at once, 4; TOGETHER how many events are in a request, 1. Every event is an order of one unit of a SKU without order. What
the daemon has in memory is told every ten seconds, and the time of processor that everybody took at the end. What is answered with 429 or 503 is sent again, and counted.
Two times are told: by the daemon itself (its histogram, from the arrival of the request to the store's answer), and how long the answer to an event took. It
ends with 1 where the shop does not show in the end what is left of each SKU.
"""

import collections
import http.client
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

TOKEN = "0123456789abcdef"
STOCK = 1_000_000


def main():
    program, simulator, plugins = sys.argv[1:4]
    given = sys.argv[4:10]
    rate, seconds, skus, slow, *client = map(int, given + ["500", "20", "1000", "1", "4", "1"][len(given):])
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        (root / "listings.csv").write_text(
            "store_sku,title,parent,quantity\n" + "".join(f"L{n},,,{STOCK}\n" for n in range(skus)))
        shop = subprocess.Popen(
            [simulator, "woocommerce", "--listings", str(root / "listings.csv"), "--slow", str(slow)],
            stdout=subprocess.PIPE, text=True)
        try:
            run(root, program, plugins, shop, (rate, seconds, skus), client)
        finally:
            shop.kill()


def run(root, program, plugins, shop, asked, client):
    rate, seconds, skus = asked
    env = dict(os.environ, STOCKSYNC_PLUGINS=plugins)
    settings, secrets = said(shop)
    env.update(secrets)
    project(root, settings, secrets, skus)
    subprocess.run([program, "-C", root, "sync", "--yes", "-q"], check=True, env=env)
    with open(root / "serve.log", "w") as log:
        daemon = subprocess.Popen(
            [program, "-C", root, "serve", "--listen", "127.0.0.1:0"], stdout=subprocess.PIPE, stderr=log, text=True, env=env)
    try:
        line = daemon.stdout.readline()
        match = re.match(r"listening at http://(\S+)", line)
        if not match:
            sys.exit(f"it does not listen: {line}{(root / 'serve.log').read_text()}")
        address = match.group(1)
        time.sleep(1)
        before = histogram(address)
        memory, done = [], threading.Event()
        watcher = threading.Thread(target=watch, args=(daemon.pid, memory, done))
        watcher.start()
        answers, took = load(address, asked, *client)
        done.set()
        watcher.join()
        sold = settle(address, rate * seconds, before)
        tell(rate, seconds, skus, answers, took, before, sold)
        print("memory of the daemon every ten seconds, MB:", *memory)
        print("seconds of processor: daemon %.1f, shop %.1f, client %.1f" % tuple(map(processor, (daemon.pid, shop.pid, os.getpid()))))
    finally:
        daemon.send_signal(signal.SIGTERM)
        print("stopped with", daemon.wait())
    subprocess.run([program, "-C", root, "plan", "--exit-code", "-q"], check=True, env=env)
    print("the shop shows what is left of each SKU")


def watch(pid, memory, done):
    """What the daemon has in memory, every ten seconds."""
    while True:
        text = pathlib.Path(f"/proc/{pid}/status").read_text()
        memory.append(round(int(re.search(r"VmRSS:\s+(\d+)", text).group(1)) / 1024))
        if done.wait(10):
            return


def processor(pid):
    """How many seconds of processor a process took."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def said(shop):
    """The settings and secrets that the simulator prints."""
    settings, secrets = None, {}
    for line in shop.stdout:
        if match := re.match(r"\s+settings: (\{.*\})", line):
            settings = json.loads(match.group(1))
        if match := re.match(r"export (\w+)='(.*)'", line):
            secrets[match.group(1)] = match.group(2)
            if len(secrets) == 2:
                break
    return settings, secrets


def project(root, settings, secrets, skus):
    names = {name.removeprefix("SIM_WOOCOMMERCE_").lower(): f"env:{name}" for name in secrets}
    store = {"connector": "woocommerce", "settings": settings, "secrets": names}
    config = {
        "warehouses": ["main"], "stores": {"web": store}, "guards": {"to_zero": "off"},
        "serve": {"tokens": {"till": "file:token"}, "limits": {"requests_per_second": 100_000}},
    }
    files = {
        "stocksync.yaml": json.dumps(config), "token": TOKEN,
        "rules/all.sync": 'rule "All" { order 1 skus all warehouses all stores all }\n',
        "catalog/skus.csv": "sku,name\n" + "".join(f"S{n},\n" for n in range(skus)),
        "catalog/stock.csv": "sku,warehouse,available,as_of\n"
        + "".join(f"S{n},main,{STOCK},2026-01-01T00:00:00Z\n" for n in range(skus)),
        "catalog/mappings.csv": "sku,store,store_sku\n" + "".join(f"S{n},web,L{n}\n" for n in range(skus)),
    }
    for path, text in files.items():
        place = root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)


def load(address, asked, connections, together):
    """Sends events at the rate, over a few connections; when each was answered, in milliseconds since it was due."""
    rate, seconds, skus = asked
    began, answers, again = time.monotonic() + 0.2, [[] for _ in range(connections)], collections.Counter()

    def work(lane):
        link = Link(address)
        for at in range(lane * together, rate * seconds, connections * together):
            events = range(at, min(at + together, rate * seconds))
            body = b"\n".join(event(at, skus) for at in events)
            due = began + at / rate
            time.sleep(max(0, due - time.monotonic()))
            while (status := link.post(body)) in (429, 503):
                again[status] += 1
                time.sleep(0.02)
            if status != 200:
                sys.exit(f"an event was answered with {status}")
            answers[lane] += [(time.monotonic() - began - at / rate) * 1000 for at in events]

    threads = [threading.Thread(target=work, args=(lane,)) for lane in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = time.monotonic() - began
    print("sent again, by status:", dict(again))
    return sorted(sum(answers, [])), took


def event(at, skus):
    return (
        b'{"id":"e%d","type":"order-placed","order":"o%d","store":"web","placed_at":"2026-02-01T00:00:00Z",'
        b'"lines":[{"line":"1","store_sku":"L%d","quantity":1}]}' % (at, at, at * 7919 % skus)
    )


class Link:
    """A connection that costs the processor little: `http.client` took a fifth of a core for 500 requests a second."""

    def __init__(self, address):
        host, port = address.rsplit(":", 1)
        self.socket = socket.create_connection((host, int(port)))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.head = (
            f"POST /v1/events HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {TOKEN}\r\n"
            "Content-Type: application/x-ndjson\r\nContent-Length: "
        ).encode()

    def post(self, body):
        """Sends a body, waits for the whole answer, and gives back its status."""
        self.socket.sendall(self.head + b"%d\r\n\r\n" % len(body) + body)
        answer = b""
        while True:
            piece = self.socket.recv(1 << 16)
            if not piece:
                sys.exit("the daemon ended the connection")
            answer += piece
            head, end, rest = answer.partition(b"\r\n\r\n")
            if end and len(rest) >= int(re.search(rb"content-length: (\d+)", head, re.I).group(1)):
                return int(head[9:12])


def metrics(address):
    link = http.client.HTTPConnection(address)
    link.request("GET", "/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    return link.getresponse().read().decode()


def histogram(address):
    """The daemon's own times: how many numbers arrived within so many seconds."""
    buckets = re.findall(r'^\w*event_to_written_seconds_bucket\{le="([^"]+)"\} (\d+)', metrics(address), re.M)
    return {edge: int(count) for edge, count in buckets}


def settle(address, events, before):
    """Waits until nothing is on its way."""
    last = None
    for _ in range(100):
        time.sleep(0.2)
        now = histogram(address)
        if now == last:
            return now
        last = now
    return last


def tell(rate, seconds, skus, answers, took, before, after):
    at = lambda share: answers[min(len(answers) - 1, int(len(answers) * share))]
    print(f"{rate} events a second for {seconds} s over {skus} SKUs: {len(answers)} taken in {took:.1f} s")
    print(f"answered on disk: p50 {at(0.5):.1f} ms, p99 {at(0.99):.1f} ms, the slowest {answers[-1]:.1f} ms")
    total = after["+Inf"] - before.get("+Inf", 0)
    print(f"from an event to its number in the shop, {total} numbers:")
    for edge, count in after.items():
        share = (count - before.get(edge, 0)) / max(total, 1)
        print(f"  within {edge} s: {share:.2%}")


if __name__ == "__main__":
    main()
