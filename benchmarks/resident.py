"""A tracker that stays, as `tracker run` does, driven by lines on standard input: each is one round over all documents.

Answers each with a line of JSON: the CPU seconds of the round, and what `tracker check --json` would say. Run by
`race.py`.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path
from time import process_time

from tracker import alerts, pipeline, settings
from tracker.cli.looking import looked_record
from tracker.cli.workplace import Workplace, chosen, now
from tracker.fetch import Fetcher


async def main() -> None:
    place = Workplace(Path(os.environ["TRACKER_ARCHIVE"]), Path(os.environ["TRACKER_DECLARATIONS"]))
    rules, wanted = place.rules(), chosen(place.catalogue(), ())
    async with Fetcher(settings.load(), now) as fetcher:
        while await asyncio.to_thread(sys.stdin.readline):
            began = process_time()
            with place.write() as store:
                record = alerts.recorder(())
                looked = await pipeline.check(wanted, store, rules, fetcher=fetcher, now=now, record=record)
            spent = process_time() - began
            print(json.dumps([spent, [json.dumps(looked_record(one)) for one in looked]]), flush=True)


if __name__ == "__main__":
    asyncio.run(main())
