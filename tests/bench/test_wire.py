"""Frames go out as the protocol asks, and come back whole from however they were cut."""

from __future__ import annotations

import pytest
from bench.wire import PING, TEXT, FrameReader, client_frame, handshake
from websockets.frames import Frame, Opcode
from websockets.server import ServerProtocol


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65_535, 65_536])
def test_a_frame_of_any_size_is_understood_by_a_server(size: int) -> None:
    server = ServerProtocol()
    server.receive_data(handshake("127.0.0.1"))
    (request,) = server.events_received()
    server.send_response(server.accept(request))  # type: ignore[arg-type]
    server.receive_data(client_frame(b"x" * size))
    (frame,) = server.events_received()
    assert isinstance(frame, Frame)
    assert (frame.opcode, frame.data) == (Opcode.TEXT, b"x" * size)


@pytest.mark.parametrize("piece", [1, 2, 3, 7, 1000, 10**6])
def test_frames_come_back_whole_from_pieces_of_any_size(piece: int) -> None:
    payloads = [b"", b"a" * 125, b"b" * 126, b"c" * 70_000]
    stream = b"".join(Frame(Opcode.TEXT, payload).serialize(mask=False) for payload in payloads)
    stream += Frame(Opcode.PING, b"hi").serialize(mask=False)
    reader = FrameReader()
    frames = [frame for at in range(0, len(stream), piece) for frame in reader.feed(stream[at : at + piece])]
    assert frames == [*((TEXT, payload) for payload in payloads), (PING, b"hi")]


def test_a_fragment_is_refused_rather_than_taken_for_a_message() -> None:
    with pytest.raises(ValueError, match="fragmented"):
        FrameReader().feed(Frame(Opcode.TEXT, b"half", fin=False).serialize(mask=False))
