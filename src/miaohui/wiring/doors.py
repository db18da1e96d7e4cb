"""Doors of others' make, and the courier who tells everybody outside what is new."""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

from miaohui.channels.link.page import LinkPage
from miaohui.channels.link.tickets import Tickets
from miaohui.channels.media.door import MediaDoor
from miaohui.channels.media.files import Files
from miaohui.channels.media.service import MediaStore
from miaohui.channels.media.terms import Terms
from miaohui.channels.robots.service import Robots
from miaohui.channels.threads.courier import Courier, Outward
from miaohui.channels.threads.service import Threads
from miaohui.kit.sealed import Seal
from miaohui.settings.service import secret_before_of, secret_of
from miaohui.wiring.outposts import Rooms, Shared, build_mail, build_telegram, build_wechat, build_wecom, outside

if TYPE_CHECKING:
    from miaohui.channels.mail.tasks import Postman
    from miaohui.channels.telegram.door import TelegramDoor
    from miaohui.channels.wechat.door import WeChatDoor
    from miaohui.channels.wecom.door import WeComDoor

__all__ = ["Doors", "Rooms", "build_doors"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Doors:
    """Doors, and what speaks through them later."""

    threads: Threads
    wechat: WeChatDoor
    wecom: WeComDoor
    telegram: TelegramDoor
    postman: Postman
    media: MediaDoor
    link: LinkPage
    robots: Robots
    courier: Courier


def build_doors(rooms: Rooms, stack: AsyncExitStack) -> Doors:
    """Every door of others' make; what they hold open is closed with `stack`."""
    database, clock, settings = rooms.database, rooms.clock, rooms.settings
    seal = Seal(secret_of(settings), before=secret_before_of(settings))
    terms = Terms(
        most_kb={str(name): most for name, most in settings.file_kb.items()},
        visitor_bytes=settings.visitor_files_mb * 1_048_576,
    )
    store = MediaStore(database, clock, secret_of(settings), terms)
    shared = Shared(
        rooms=rooms,
        stack=stack,
        seal=seal,
        files=Files(store, outside(stack, allow_private=settings.webhook_private), settings.public_url),
        tickets=Tickets(database, clock, seal, rooms.inboxes, settings.public_url),
        threads=Threads(database, clock, rooms.contacts, rooms.conversations),
    )
    wechat, in_wechat = build_wechat(shared)
    wecom, in_wecom = build_wecom(shared)
    telegram, in_telegram = build_telegram(shared)
    postman, by_mail = build_mail(shared)
    channels = (in_wechat, in_wecom, in_telegram, by_mail)
    private = settings.webhook_private
    robots = Robots(database, clock, seal, outside(stack, allow_private=private), allow_private=private)
    robots.write_by(postman)

    async def outward() -> list[Outward]:
        return [one for speakers in channels for one in await speakers()]

    return Doors(
        threads=shared.threads,
        wechat=wechat,
        wecom=wecom,
        telegram=telegram,
        postman=postman,
        media=MediaDoor(store, rooms.inboxes),
        link=LinkPage(rooms.inboxes, shared.tickets, settings.public_url),
        robots=robots,
        courier=Courier(shared.threads, database, clock, outward),
    )
