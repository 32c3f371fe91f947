#!/usr/bin/env python3
"""How long it takes from an event to the store: events at a steady rate to a `stocksync serve`, whose store is a simulated shop on loopback.

    python3 benches/serve.py PROGRAM SIMULATOR PLUGINS [RATE] [SECONDS] [SKUS] [SLOW]

PROGRAM is `stocksync`, SIMULATOR `stocksync-sim`, PLUGINS the folder of the connectors' libraries; SLOW is how many milliseconds the shop takes for an answer, 1 unless
it is said. Every event is an order of one unit of a SKU without order. What the daemon has in memory is told every ten seconds.
Two times are told: by the daemon itself (its histogram, from the arrival of the request to the store's answer), and how long the answer to an event took. It
ends with 1 where the shop does not show in the end what is left of each SKU.
"""

import http.client
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time

TOKEN = "0123456789abcdef"
STOCK = 1_000_000
CONNECTIONS = 4


def main():
    program, simulator, plugins = sys.argv[1:4]
    rate, seconds, skus, slow = (int(text) for text in (sys.argv[4:8] + ["500", "20", "1000", "1"][len(sys.argv) - 4:]))
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        (root / "listings.csv").write_text(
            "store_sku,title,parent,quantity\n" + "".join(f"L{n},,,{STOCK}\n" for n in range(skus)))
        shop = subprocess.Popen(
            [simulator, "woocommerce", "--listings", str(root / "listings.csv"), "--slow", str(slow)],
            stdout=subprocess.PIPE, text=True)
        try:
            run(root, program, plugins, shop, rate, seconds, skus)
        finally:
            shop.kill()


def run(root, program, plugins, shop, rate, seconds, skus):
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
        answers, took = load(address, rate, seconds, skus)
        done.set()
        watcher.join()
        sold = settle(address, rate * seconds, before)
        tell(rate, seconds, skus, answers, took, before, sold)
        print("memory of the daemon every ten seconds, MB:", *memory)
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


def load(address, rate, seconds, skus):
    """Sends events at the rate, over a few connections; when each was answered, in milliseconds since it was due."""
    began, answers = time.monotonic() + 0.2, [[] for _ in range(CONNECTIONS)]

    def work(lane):
        link = http.client.HTTPConnection(address)
        for at in range(lane, rate * seconds, CONNECTIONS):
            due = began + at / rate
            time.sleep(max(0, due - time.monotonic()))
            body = json.dumps({
                "id": f"e{at}", "type": "order-placed", "order": f"o{at}", "store": "web", "placed_at": "2026-02-01T00:00:00Z",
                "lines": [{"line": "1", "store_sku": f"L{at * 7919 % skus}", "quantity": 1}],
            })
            link.request("POST", "/v1/events", body, {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"})
            answer = link.getresponse()
            text = answer.read()
            if answer.status != 200:
                print(answer.status, text)
                continue
            answers[lane].append((time.monotonic() - due) * 1000)

    threads = [threading.Thread(target=work, args=(lane,)) for lane in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(sum(answers, [])), time.monotonic() - began


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
