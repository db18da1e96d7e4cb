"""Ask one question, and print the answer as it comes.

python ask.py https://support.example.com mh_live_… 怎么退货?
"""

from __future__ import annotations

import asyncio
import sys

from miaohui_client import Miaohui, Reset, Said, TurnEnded


async def main(base: str, key: str, question: str) -> int:
    """0 when it was answered."""
    async with Miaohui(base, key=key) as miaohui:
        async for event in miaohui.ask(question, visitor_id="4711"):
            match event:
                case Said():
                    print(event.text, end="", flush=True)
                case Reset():
                    print("\n(once more)")
                case TurnEnded():
                    print(f"\n({event.state})")
                    return 0 if event.state == "answered" else 1
    return 1


if __name__ == "__main__":
    sys.exit(asyncio.run(main(*sys.argv[1:4])))
