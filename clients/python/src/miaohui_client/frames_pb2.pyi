from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ClientFrame(_message.Message):
    __slots__ = ("hello", "send", "seen", "cancel", "typing", "watch", "unwatch", "feed", "hb")
    class Hello(_message.Message):
        __slots__ = ("token", "v", "device", "resume")
        TOKEN_FIELD_NUMBER: _ClassVar[int]
        V_FIELD_NUMBER: _ClassVar[int]
        DEVICE_FIELD_NUMBER: _ClassVar[int]
        RESUME_FIELD_NUMBER: _ClassVar[int]
        token: str
        v: int
        device: str
        resume: _containers.RepeatedCompositeFieldContainer[ClientFrame.Resume]
        def __init__(self, token: _Optional[str] = ..., v: _Optional[int] = ..., device: _Optional[str] = ..., resume: _Optional[_Iterable[_Union[ClientFrame.Resume, _Mapping]]] = ...) -> None: ...
    class Resume(_message.Message):
        __slots__ = ("conv", "epoch", "seq", "streams")
        CONV_FIELD_NUMBER: _ClassVar[int]
        EPOCH_FIELD_NUMBER: _ClassVar[int]
        SEQ_FIELD_NUMBER: _ClassVar[int]
        STREAMS_FIELD_NUMBER: _ClassVar[int]
        conv: str
        epoch: str
        seq: int
        streams: _containers.RepeatedCompositeFieldContainer[ClientFrame.StreamSeen]
        def __init__(self, conv: _Optional[str] = ..., epoch: _Optional[str] = ..., seq: _Optional[int] = ..., streams: _Optional[_Iterable[_Union[ClientFrame.StreamSeen, _Mapping]]] = ...) -> None: ...
    class StreamSeen(_message.Message):
        __slots__ = ("id", "attempt", "i")
        ID_FIELD_NUMBER: _ClassVar[int]
        ATTEMPT_FIELD_NUMBER: _ClassVar[int]
        I_FIELD_NUMBER: _ClassVar[int]
        id: str
        attempt: int
        i: int
        def __init__(self, id: _Optional[str] = ..., attempt: _Optional[int] = ..., i: _Optional[int] = ...) -> None: ...
    class Body(_message.Message):
        __slots__ = ("text", "type")
        TEXT_FIELD_NUMBER: _ClassVar[int]
        TYPE_FIELD_NUMBER: _ClassVar[int]
        text: str
        type: str
        def __init__(self, text: _Optional[str] = ..., type: _Optional[str] = ...) -> None: ...
    class Send(_message.Message):
        __slots__ = ("cmid", "body", "conv")
        CMID_FIELD_NUMBER: _ClassVar[int]
        BODY_FIELD_NUMBER: _ClassVar[int]
        CONV_FIELD_NUMBER: _ClassVar[int]
        cmid: str
        body: ClientFrame.Body
        conv: str
        def __init__(self, cmid: _Optional[str] = ..., body: _Optional[_Union[ClientFrame.Body, _Mapping]] = ..., conv: _Optional[str] = ...) -> None: ...
    class Seen(_message.Message):
        __slots__ = ("conv", "seq")
        CONV_FIELD_NUMBER: _ClassVar[int]
        SEQ_FIELD_NUMBER: _ClassVar[int]
        conv: str
        seq: int
        def __init__(self, conv: _Optional[str] = ..., seq: _Optional[int] = ...) -> None: ...
    class Cancel(_message.Message):
        __slots__ = ("turn",)
        TURN_FIELD_NUMBER: _ClassVar[int]
        turn: str
        def __init__(self, turn: _Optional[str] = ...) -> None: ...
    class Typing(_message.Message):
        __slots__ = ("conv", "on")
        CONV_FIELD_NUMBER: _ClassVar[int]
        ON_FIELD_NUMBER: _ClassVar[int]
        conv: str
        on: bool
        def __init__(self, conv: _Optional[str] = ..., on: _Optional[bool] = ...) -> None: ...
    class Watch(_message.Message):
        __slots__ = ("conv", "epoch", "seq", "streams")
        CONV_FIELD_NUMBER: _ClassVar[int]
        EPOCH_FIELD_NUMBER: _ClassVar[int]
        SEQ_FIELD_NUMBER: _ClassVar[int]
        STREAMS_FIELD_NUMBER: _ClassVar[int]
        conv: str
        epoch: str
        seq: int
        streams: _containers.RepeatedCompositeFieldContainer[ClientFrame.StreamSeen]
        def __init__(self, conv: _Optional[str] = ..., epoch: _Optional[str] = ..., seq: _Optional[int] = ..., streams: _Optional[_Iterable[_Union[ClientFrame.StreamSeen, _Mapping]]] = ...) -> None: ...
    class Unwatch(_message.Message):
        __slots__ = ("conv",)
        CONV_FIELD_NUMBER: _ClassVar[int]
        conv: str
        def __init__(self, conv: _Optional[str] = ...) -> None: ...
    class Feed(_message.Message):
        __slots__ = ("on",)
        ON_FIELD_NUMBER: _ClassVar[int]
        on: bool
        def __init__(self, on: _Optional[bool] = ...) -> None: ...
    class Heartbeat(_message.Message):
        __slots__ = ()
        def __init__(self) -> None: ...
    HELLO_FIELD_NUMBER: _ClassVar[int]
    SEND_FIELD_NUMBER: _ClassVar[int]
    SEEN_FIELD_NUMBER: _ClassVar[int]
    CANCEL_FIELD_NUMBER: _ClassVar[int]
    TYPING_FIELD_NUMBER: _ClassVar[int]
    WATCH_FIELD_NUMBER: _ClassVar[int]
    UNWATCH_FIELD_NUMBER: _ClassVar[int]
    FEED_FIELD_NUMBER: _ClassVar[int]
    HB_FIELD_NUMBER: _ClassVar[int]
    hello: ClientFrame.Hello
    send: ClientFrame.Send
    seen: ClientFrame.Seen
    cancel: ClientFrame.Cancel
    typing: ClientFrame.Typing
    watch: ClientFrame.Watch
    unwatch: ClientFrame.Unwatch
    feed: ClientFrame.Feed
    hb: ClientFrame.Heartbeat
    def __init__(self, hello: _Optional[_Union[ClientFrame.Hello, _Mapping]] = ..., send: _Optional[_Union[ClientFrame.Send, _Mapping]] = ..., seen: _Optional[_Union[ClientFrame.Seen, _Mapping]] = ..., cancel: _Optional[_Union[ClientFrame.Cancel, _Mapping]] = ..., typing: _Optional[_Union[ClientFrame.Typing, _Mapping]] = ..., watch: _Optional[_Union[ClientFrame.Watch, _Mapping]] = ..., unwatch: _Optional[_Union[ClientFrame.Unwatch, _Mapping]] = ..., feed: _Optional[_Union[ClientFrame.Feed, _Mapping]] = ..., hb: _Optional[_Union[ClientFrame.Heartbeat, _Mapping]] = ...) -> None: ...

class ServerFrame(_message.Message):
    __slots__ = ("welcome", "ack", "nack", "error", "goaway", "hb", "resumed", "msg", "conv", "stream_open", "stream_delta", "stream_reset", "stream_end", "turn_end", "typing", "queue_updated", "presence_updated", "mention_created", "ticket_updated", "viewers", "json")
    class Limits(_message.Message):
        __slots__ = ("msg", "rate")
        MSG_FIELD_NUMBER: _ClassVar[int]
        RATE_FIELD_NUMBER: _ClassVar[int]
        msg: int
        rate: str
        def __init__(self, msg: _Optional[int] = ..., rate: _Optional[str] = ...) -> None: ...
    class Welcome(_message.Message):
        __slots__ = ("sid", "hb", "limits", "now", "conv")
        SID_FIELD_NUMBER: _ClassVar[int]
        HB_FIELD_NUMBER: _ClassVar[int]
        LIMITS_FIELD_NUMBER: _ClassVar[int]
        NOW_FIELD_NUMBER: _ClassVar[int]
        CONV_FIELD_NUMBER: _ClassVar[int]
        sid: str
        hb: int
        limits: ServerFrame.Limits
        now: int
        conv: str
        def __init__(self, sid: _Optional[str] = ..., hb: _Optional[int] = ..., limits: _Optional[_Union[ServerFrame.Limits, _Mapping]] = ..., now: _Optional[int] = ..., conv: _Optional[str] = ...) -> None: ...
    class Ack(_message.Message):
        __slots__ = ("cmid", "msg", "seq", "conv", "turn", "dup")
        CMID_FIELD_NUMBER: _ClassVar[int]
        MSG_FIELD_NUMBER: _ClassVar[int]
        SEQ_FIELD_NUMBER: _ClassVar[int]
        CONV_FIELD_NUMBER: _ClassVar[int]
        TURN_FIELD_NUMBER: _ClassVar[int]
        DUP_FIELD_NUMBER: _ClassVar[int]
        cmid: str
        msg: str
        seq: int
        conv: str
        turn: str
        dup: bool
        def __init__(self, cmid: _Optional[str] = ..., msg: _Optional[str] = ..., seq: _Optional[int] = ..., conv: _Optional[str] = ..., turn: _Optional[str] = ..., dup: _Optional[bool] = ...) -> None: ...
    class Nack(_message.Message):
        __slots__ = ("cmid", "code", "retryable", "retry_after_ms", "detail")
        CMID_FIELD_NUMBER: _ClassVar[int]
        CODE_FIELD_NUMBER: _ClassVar[int]
        RETRYABLE_FIELD_NUMBER: _ClassVar[int]
        RETRY_AFTER_MS_FIELD_NUMBER: _ClassVar[int]
        DETAIL_FIELD_NUMBER: _ClassVar[int]
        cmid: str
        code: str
        retryable: bool
        retry_after_ms: int
        detail: str
        def __init__(self, cmid: _Optional[str] = ..., code: _Optional[str] = ..., retryable: _Optional[bool] = ..., retry_after_ms: _Optional[int] = ..., detail: _Optional[str] = ...) -> None: ...
    class Fault(_message.Message):
        __slots__ = ("code", "detail", "conv")
        CODE_FIELD_NUMBER: _ClassVar[int]
        DETAIL_FIELD_NUMBER: _ClassVar[int]
        CONV_FIELD_NUMBER: _ClassVar[int]
        code: str
        detail: str
        conv: str
        def __init__(self, code: _Optional[str] = ..., detail: _Optional[str] = ..., conv: _Optional[str] = ...) -> None: ...
    class GoAway(_message.Message):
        __slots__ = ("reason", "reconnect_in_ms")
        REASON_FIELD_NUMBER: _ClassVar[int]
        RECONNECT_IN_MS_FIELD_NUMBER: _ClassVar[int]
        reason: str
        reconnect_in_ms: _containers.RepeatedScalarFieldContainer[int]
        def __init__(self, reason: _Optional[str] = ..., reconnect_in_ms: _Optional[_Iterable[int]] = ...) -> None: ...
    class Beat(_message.Message):
        __slots__ = ()
        def __init__(self) -> None: ...
    class Resumed(_message.Message):
        __slots__ = ("conv", "epoch", "recovered", "to", "snapshot")
        CONV_FIELD_NUMBER: _ClassVar[int]
        EPOCH_FIELD_NUMBER: _ClassVar[int]
        RECOVERED_FIELD_NUMBER: _ClassVar[int]
        FROM_FIELD_NUMBER: _ClassVar[int]
        TO_FIELD_NUMBER: _ClassVar[int]
        SNAPSHOT_FIELD_NUMBER: _ClassVar[int]
        conv: str
        epoch: str
        recovered: bool
        to: int
        snapshot: ServerFrame.Snapshot
        def __init__(self, conv: _Optional[str] = ..., epoch: _Optional[str] = ..., recovered: _Optional[bool] = ..., to: _Optional[int] = ..., snapshot: _Optional[_Union[ServerFrame.Snapshot, _Mapping]] = ..., **kwargs) -> None: ...
    class Snapshot(_message.Message):
        __slots__ = ("seq", "status", "messages", "more")
        SEQ_FIELD_NUMBER: _ClassVar[int]
        STATUS_FIELD_NUMBER: _ClassVar[int]
        MESSAGES_FIELD_NUMBER: _ClassVar[int]
        MORE_FIELD_NUMBER: _ClassVar[int]
        seq: int
        status: str
        messages: _containers.RepeatedCompositeFieldContainer[ServerFrame.Message]
        more: bool
        def __init__(self, seq: _Optional[int] = ..., status: _Optional[str] = ..., messages: _Optional[_Iterable[_Union[ServerFrame.Message, _Mapping]]] = ..., more: _Optional[bool] = ...) -> None: ...
    class MessagePosted(_message.Message):
        __slots__ = ("conv", "epoch", "seq", "msg")
        CONV_FIELD_NUMBER: _ClassVar[int]
        EPOCH_FIELD_NUMBER: _ClassVar[int]
        SEQ_FIELD_NUMBER: _ClassVar[int]
        MSG_FIELD_NUMBER: _ClassVar[int]
        conv: str
        epoch: str
        seq: int
        msg: ServerFrame.Message
        def __init__(self, conv: _Optional[str] = ..., epoch: _Optional[str] = ..., seq: _Optional[int] = ..., msg: _Optional[_Union[ServerFrame.Message, _Mapping]] = ...) -> None: ...
    class Sender(_message.Message):
        __slots__ = ("kind", "id", "name")
        KIND_FIELD_NUMBER: _ClassVar[int]
        ID_FIELD_NUMBER: _ClassVar[int]
        NAME_FIELD_NUMBER: _ClassVar[int]
        kind: str
        id: str
        name: str
        def __init__(self, kind: _Optional[str] = ..., id: _Optional[str] = ..., name: _Optional[str] = ...) -> None: ...
    class Citation(_message.Message):
        __slots__ = ("n", "chunk_id", "article_id", "title", "heading", "excerpt")
        N_FIELD_NUMBER: _ClassVar[int]
        CHUNK_ID_FIELD_NUMBER: _ClassVar[int]
        ARTICLE_ID_FIELD_NUMBER: _ClassVar[int]
        TITLE_FIELD_NUMBER: _ClassVar[int]
        HEADING_FIELD_NUMBER: _ClassVar[int]
        EXCERPT_FIELD_NUMBER: _ClassVar[int]
        n: int
        chunk_id: str
        article_id: str
        title: str
        heading: str
        excerpt: str
        def __init__(self, n: _Optional[int] = ..., chunk_id: _Optional[str] = ..., article_id: _Optional[str] = ..., title: _Optional[str] = ..., heading: _Optional[str] = ..., excerpt: _Optional[str] = ...) -> None: ...
    class Message(_message.Message):
        __slots__ = ("id", "seq", "sender", "kind", "text", "created_at", "citations", "turn", "final", "rating", "cmid", "ai", "translated", "original")
        ID_FIELD_NUMBER: _ClassVar[int]
        SEQ_FIELD_NUMBER: _ClassVar[int]
        SENDER_FIELD_NUMBER: _ClassVar[int]
        KIND_FIELD_NUMBER: _ClassVar[int]
        TEXT_FIELD_NUMBER: _ClassVar[int]
        CREATED_AT_FIELD_NUMBER: _ClassVar[int]
        CITATIONS_FIELD_NUMBER: _ClassVar[int]
        TURN_FIELD_NUMBER: _ClassVar[int]
        FINAL_FIELD_NUMBER: _ClassVar[int]
        RATING_FIELD_NUMBER: _ClassVar[int]
        CMID_FIELD_NUMBER: _ClassVar[int]
        AI_FIELD_NUMBER: _ClassVar[int]
        TRANSLATED_FIELD_NUMBER: _ClassVar[int]
        ORIGINAL_FIELD_NUMBER: _ClassVar[int]
        id: str
        seq: int
        sender: ServerFrame.Sender
        kind: str
        text: str
        created_at: str
        citations: _containers.RepeatedCompositeFieldContainer[ServerFrame.Citation]
        turn: str
        final: bool
        rating: int
        cmid: str
        ai: bool
        translated: bool
        original: str
        def __init__(self, id: _Optional[str] = ..., seq: _Optional[int] = ..., sender: _Optional[_Union[ServerFrame.Sender, _Mapping]] = ..., kind: _Optional[str] = ..., text: _Optional[str] = ..., created_at: _Optional[str] = ..., citations: _Optional[_Iterable[_Union[ServerFrame.Citation, _Mapping]]] = ..., turn: _Optional[str] = ..., final: _Optional[bool] = ..., rating: _Optional[int] = ..., cmid: _Optional[str] = ..., ai: _Optional[bool] = ..., translated: _Optional[bool] = ..., original: _Optional[str] = ...) -> None: ...
    class ConversationChanged(_message.Message):
        __slots__ = ("conv",)
        CONV_FIELD_NUMBER: _ClassVar[int]
        conv: ServerFrame.Conversation
        def __init__(self, conv: _Optional[_Union[ServerFrame.Conversation, _Mapping]] = ...) -> None: ...
    class Contact(_message.Message):
        __slots__ = ("id", "name")
        ID_FIELD_NUMBER: _ClassVar[int]
        NAME_FIELD_NUMBER: _ClassVar[int]
        id: str
        name: str
        def __init__(self, id: _Optional[str] = ..., name: _Optional[str] = ...) -> None: ...
    class Conversation(_message.Message):
        __slots__ = ("id", "inbox_id", "contact", "status", "assignee_id", "handoff_reason", "waiting_since", "queued_at", "snoozed_until", "team_id", "priority", "labels", "last_seq", "preview", "created_at", "updated_at")
        ID_FIELD_NUMBER: _ClassVar[int]
        INBOX_ID_FIELD_NUMBER: _ClassVar[int]
        CONTACT_FIELD_NUMBER: _ClassVar[int]
        STATUS_FIELD_NUMBER: _ClassVar[int]
        ASSIGNEE_ID_FIELD_NUMBER: _ClassVar[int]
        HANDOFF_REASON_FIELD_NUMBER: _ClassVar[int]
        WAITING_SINCE_FIELD_NUMBER: _ClassVar[int]
        QUEUED_AT_FIELD_NUMBER: _ClassVar[int]
        SNOOZED_UNTIL_FIELD_NUMBER: _ClassVar[int]
        TEAM_ID_FIELD_NUMBER: _ClassVar[int]
        PRIORITY_FIELD_NUMBER: _ClassVar[int]
        LABELS_FIELD_NUMBER: _ClassVar[int]
        LAST_SEQ_FIELD_NUMBER: _ClassVar[int]
        PREVIEW_FIELD_NUMBER: _ClassVar[int]
        CREATED_AT_FIELD_NUMBER: _ClassVar[int]
        UPDATED_AT_FIELD_NUMBER: _ClassVar[int]
        id: str
        inbox_id: str
        contact: ServerFrame.Contact
        status: str
        assignee_id: str
        handoff_reason: str
        waiting_since: str
        queued_at: str
        snoozed_until: str
        team_id: str
        priority: str
        labels: _containers.RepeatedScalarFieldContainer[str]
        last_seq: int
        preview: str
        created_at: str
        updated_at: str
        def __init__(self, id: _Optional[str] = ..., inbox_id: _Optional[str] = ..., contact: _Optional[_Union[ServerFrame.Contact, _Mapping]] = ..., status: _Optional[str] = ..., assignee_id: _Optional[str] = ..., handoff_reason: _Optional[str] = ..., waiting_since: _Optional[str] = ..., queued_at: _Optional[str] = ..., snoozed_until: _Optional[str] = ..., team_id: _Optional[str] = ..., priority: _Optional[str] = ..., labels: _Optional[_Iterable[str]] = ..., last_seq: _Optional[int] = ..., preview: _Optional[str] = ..., created_at: _Optional[str] = ..., updated_at: _Optional[str] = ...) -> None: ...
    class StreamOpened(_message.Message):
        __slots__ = ("conv", "turn", "stream", "attempt")
        CONV_FIELD_NUMBER: _ClassVar[int]
        TURN_FIELD_NUMBER: _ClassVar[int]
        STREAM_FIELD_NUMBER: _ClassVar[int]
        ATTEMPT_FIELD_NUMBER: _ClassVar[int]
        conv: str
        turn: str
        stream: str
        attempt: int
        def __init__(self, conv: _Optional[str] = ..., turn: _Optional[str] = ..., stream: _Optional[str] = ..., attempt: _Optional[int] = ...) -> None: ...
    class StreamDelta(_message.Message):
        __slots__ = ("stream", "attempt", "i", "text")
        STREAM_FIELD_NUMBER: _ClassVar[int]
        ATTEMPT_FIELD_NUMBER: _ClassVar[int]
        I_FIELD_NUMBER: _ClassVar[int]
        TEXT_FIELD_NUMBER: _ClassVar[int]
        stream: str
        attempt: int
        i: int
        text: str
        def __init__(self, stream: _Optional[str] = ..., attempt: _Optional[int] = ..., i: _Optional[int] = ..., text: _Optional[str] = ...) -> None: ...
    class StreamReset(_message.Message):
        __slots__ = ("stream", "attempt", "reason")
        STREAM_FIELD_NUMBER: _ClassVar[int]
        ATTEMPT_FIELD_NUMBER: _ClassVar[int]
        REASON_FIELD_NUMBER: _ClassVar[int]
        stream: str
        attempt: int
        reason: str
        def __init__(self, stream: _Optional[str] = ..., attempt: _Optional[int] = ..., reason: _Optional[str] = ...) -> None: ...
    class StreamEnded(_message.Message):
        __slots__ = ("conv", "stream", "attempt", "n", "seq", "msg", "sha256")
        CONV_FIELD_NUMBER: _ClassVar[int]
        STREAM_FIELD_NUMBER: _ClassVar[int]
        ATTEMPT_FIELD_NUMBER: _ClassVar[int]
        N_FIELD_NUMBER: _ClassVar[int]
        SEQ_FIELD_NUMBER: _ClassVar[int]
        MSG_FIELD_NUMBER: _ClassVar[int]
        SHA256_FIELD_NUMBER: _ClassVar[int]
        conv: str
        stream: str
        attempt: int
        n: int
        seq: int
        msg: str
        sha256: str
        def __init__(self, conv: _Optional[str] = ..., stream: _Optional[str] = ..., attempt: _Optional[int] = ..., n: _Optional[int] = ..., seq: _Optional[int] = ..., msg: _Optional[str] = ..., sha256: _Optional[str] = ...) -> None: ...
    class TurnEnded(_message.Message):
        __slots__ = ("conv", "turn", "state", "reason", "retryable")
        CONV_FIELD_NUMBER: _ClassVar[int]
        TURN_FIELD_NUMBER: _ClassVar[int]
        STATE_FIELD_NUMBER: _ClassVar[int]
        REASON_FIELD_NUMBER: _ClassVar[int]
        RETRYABLE_FIELD_NUMBER: _ClassVar[int]
        conv: str
        turn: str
        state: str
        reason: str
        retryable: bool
        def __init__(self, conv: _Optional[str] = ..., turn: _Optional[str] = ..., state: _Optional[str] = ..., reason: _Optional[str] = ..., retryable: _Optional[bool] = ...) -> None: ...
    class Typing(_message.Message):
        __slots__ = ("conv", "who", "on")
        CONV_FIELD_NUMBER: _ClassVar[int]
        WHO_FIELD_NUMBER: _ClassVar[int]
        ON_FIELD_NUMBER: _ClassVar[int]
        conv: str
        who: str
        on: bool
        def __init__(self, conv: _Optional[str] = ..., who: _Optional[str] = ..., on: _Optional[bool] = ...) -> None: ...
    class QueueUpdated(_message.Message):
        __slots__ = ("conv", "position", "estimate_s", "reason", "opens_at")
        CONV_FIELD_NUMBER: _ClassVar[int]
        POSITION_FIELD_NUMBER: _ClassVar[int]
        ESTIMATE_S_FIELD_NUMBER: _ClassVar[int]
        REASON_FIELD_NUMBER: _ClassVar[int]
        OPENS_AT_FIELD_NUMBER: _ClassVar[int]
        conv: str
        position: int
        estimate_s: int
        reason: str
        opens_at: str
        def __init__(self, conv: _Optional[str] = ..., position: _Optional[int] = ..., estimate_s: _Optional[int] = ..., reason: _Optional[str] = ..., opens_at: _Optional[str] = ...) -> None: ...
    class Looking(_message.Message):
        __slots__ = ("conv", "agent", "name", "on")
        CONV_FIELD_NUMBER: _ClassVar[int]
        AGENT_FIELD_NUMBER: _ClassVar[int]
        NAME_FIELD_NUMBER: _ClassVar[int]
        ON_FIELD_NUMBER: _ClassVar[int]
        conv: str
        agent: str
        name: str
        on: bool
        def __init__(self, conv: _Optional[str] = ..., agent: _Optional[str] = ..., name: _Optional[str] = ..., on: _Optional[bool] = ...) -> None: ...
    class PresenceUpdated(_message.Message):
        __slots__ = ("agent", "state", "capacity")
        AGENT_FIELD_NUMBER: _ClassVar[int]
        STATE_FIELD_NUMBER: _ClassVar[int]
        CAPACITY_FIELD_NUMBER: _ClassVar[int]
        agent: str
        state: str
        capacity: int
        def __init__(self, agent: _Optional[str] = ..., state: _Optional[str] = ..., capacity: _Optional[int] = ...) -> None: ...
    class MentionCreated(_message.Message):
        __slots__ = ("conv", "msg", "agents", "by", "by_name")
        CONV_FIELD_NUMBER: _ClassVar[int]
        MSG_FIELD_NUMBER: _ClassVar[int]
        AGENTS_FIELD_NUMBER: _ClassVar[int]
        BY_FIELD_NUMBER: _ClassVar[int]
        BY_NAME_FIELD_NUMBER: _ClassVar[int]
        conv: str
        msg: str
        agents: _containers.RepeatedScalarFieldContainer[str]
        by: str
        by_name: str
        def __init__(self, conv: _Optional[str] = ..., msg: _Optional[str] = ..., agents: _Optional[_Iterable[str]] = ..., by: _Optional[str] = ..., by_name: _Optional[str] = ...) -> None: ...
    class TicketUpdated(_message.Message):
        __slots__ = ("id", "number", "status", "assignee", "conv")
        ID_FIELD_NUMBER: _ClassVar[int]
        NUMBER_FIELD_NUMBER: _ClassVar[int]
        STATUS_FIELD_NUMBER: _ClassVar[int]
        ASSIGNEE_FIELD_NUMBER: _ClassVar[int]
        CONV_FIELD_NUMBER: _ClassVar[int]
        id: str
        number: int
        status: str
        assignee: str
        conv: str
        def __init__(self, id: _Optional[str] = ..., number: _Optional[int] = ..., status: _Optional[str] = ..., assignee: _Optional[str] = ..., conv: _Optional[str] = ...) -> None: ...
    WELCOME_FIELD_NUMBER: _ClassVar[int]
    ACK_FIELD_NUMBER: _ClassVar[int]
    NACK_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    GOAWAY_FIELD_NUMBER: _ClassVar[int]
    HB_FIELD_NUMBER: _ClassVar[int]
    RESUMED_FIELD_NUMBER: _ClassVar[int]
    MSG_FIELD_NUMBER: _ClassVar[int]
    CONV_FIELD_NUMBER: _ClassVar[int]
    STREAM_OPEN_FIELD_NUMBER: _ClassVar[int]
    STREAM_DELTA_FIELD_NUMBER: _ClassVar[int]
    STREAM_RESET_FIELD_NUMBER: _ClassVar[int]
    STREAM_END_FIELD_NUMBER: _ClassVar[int]
    TURN_END_FIELD_NUMBER: _ClassVar[int]
    TYPING_FIELD_NUMBER: _ClassVar[int]
    QUEUE_UPDATED_FIELD_NUMBER: _ClassVar[int]
    PRESENCE_UPDATED_FIELD_NUMBER: _ClassVar[int]
    MENTION_CREATED_FIELD_NUMBER: _ClassVar[int]
    TICKET_UPDATED_FIELD_NUMBER: _ClassVar[int]
    VIEWERS_FIELD_NUMBER: _ClassVar[int]
    JSON_FIELD_NUMBER: _ClassVar[int]
    welcome: ServerFrame.Welcome
    ack: ServerFrame.Ack
    nack: ServerFrame.Nack
    error: ServerFrame.Fault
    goaway: ServerFrame.GoAway
    hb: ServerFrame.Beat
    resumed: ServerFrame.Resumed
    msg: ServerFrame.MessagePosted
    conv: ServerFrame.ConversationChanged
    stream_open: ServerFrame.StreamOpened
    stream_delta: ServerFrame.StreamDelta
    stream_reset: ServerFrame.StreamReset
    stream_end: ServerFrame.StreamEnded
    turn_end: ServerFrame.TurnEnded
    typing: ServerFrame.Typing
    queue_updated: ServerFrame.QueueUpdated
    presence_updated: ServerFrame.PresenceUpdated
    mention_created: ServerFrame.MentionCreated
    ticket_updated: ServerFrame.TicketUpdated
    viewers: ServerFrame.Looking
    json: str
    def __init__(self, welcome: _Optional[_Union[ServerFrame.Welcome, _Mapping]] = ..., ack: _Optional[_Union[ServerFrame.Ack, _Mapping]] = ..., nack: _Optional[_Union[ServerFrame.Nack, _Mapping]] = ..., error: _Optional[_Union[ServerFrame.Fault, _Mapping]] = ..., goaway: _Optional[_Union[ServerFrame.GoAway, _Mapping]] = ..., hb: _Optional[_Union[ServerFrame.Beat, _Mapping]] = ..., resumed: _Optional[_Union[ServerFrame.Resumed, _Mapping]] = ..., msg: _Optional[_Union[ServerFrame.MessagePosted, _Mapping]] = ..., conv: _Optional[_Union[ServerFrame.ConversationChanged, _Mapping]] = ..., stream_open: _Optional[_Union[ServerFrame.StreamOpened, _Mapping]] = ..., stream_delta: _Optional[_Union[ServerFrame.StreamDelta, _Mapping]] = ..., stream_reset: _Optional[_Union[ServerFrame.StreamReset, _Mapping]] = ..., stream_end: _Optional[_Union[ServerFrame.StreamEnded, _Mapping]] = ..., turn_end: _Optional[_Union[ServerFrame.TurnEnded, _Mapping]] = ..., typing: _Optional[_Union[ServerFrame.Typing, _Mapping]] = ..., queue_updated: _Optional[_Union[ServerFrame.QueueUpdated, _Mapping]] = ..., presence_updated: _Optional[_Union[ServerFrame.PresenceUpdated, _Mapping]] = ..., mention_created: _Optional[_Union[ServerFrame.MentionCreated, _Mapping]] = ..., ticket_updated: _Optional[_Union[ServerFrame.TicketUpdated, _Mapping]] = ..., viewers: _Optional[_Union[ServerFrame.Looking, _Mapping]] = ..., json: _Optional[str] = ...) -> None: ...
