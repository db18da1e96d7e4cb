"""What REST reads of prices, connectors and tools. Strict, as `schemas` says."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from miaohui.channels.rest.schemas import Form

Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
Word = Annotated[str, Field(min_length=1, max_length=200)]
Words = Annotated[list[Word], Field(max_length=50, default_factory=list)]
Ids = Annotated[list[Id], Field(max_length=200, default_factory=list)]
Money = Annotated[int, Field(ge=0, le=10**12)]
Share = Annotated[str, Field(pattern=r"^(?:0(?:\.\d{1,6})?|1(?:\.0{1,6})?)$")]
DayOf = Annotated[str, Field(pattern=r"^(?:\d{4}-)?\d{2}-\d{2}$|^$")]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]


class ProductForm(Form):
    """Something that has a price, in minor units."""

    id: Id
    price: Money
    names: Words
    tags: Words


class CutForm(Form):
    """What an offer takes off: an amount, or a share from 0 to 1."""

    of: Literal["order", "unit", "delivery"] = "order"
    amount: Money = 0
    share: Share = "0"
    each: Money = 0
    tags: Words
    products: Ids
    price_from: Money = 0
    price_to: Money = 0


class SpanForm(Form):
    """Days from the first to the last: `2026-11-11`, or `11-11` of every year."""

    first: DayOf
    last: DayOf


class OfferForm(Form):
    """A promotion; those with a higher priority come first, and each sees what those before it left."""

    id: Id
    name: Word
    cuts: Annotated[list[CutForm], Field(max_length=20)]
    priority: Annotated[int, Field(ge=-1000, le=1000)] = 0
    exclusive: bool = False
    coupon: bool = False
    words: Words
    least_total: Money = 0
    least_quantity: Annotated[int, Field(ge=0, le=10_000)] = 0
    levels: Ids
    channels: Ids
    seasons: Annotated[list[SpanForm], Field(max_length=20, default_factory=list)]
    pauses: Annotated[list[SpanForm], Field(max_length=20, default_factory=list)]
    skips_reduced: bool = False
    skips_tags: Words


class PointsForm(Form):
    """How points pay."""

    per_unit: Annotated[int, Field(ge=1, le=1_000_000)]
    least: Annotated[int, Field(ge=1, le=1_000_000)] = 1
    most_share: Share = "1"
    name: Word = "points"


class DeliveryForm(Form):
    """What delivery costs; the first rule that fits holds."""

    fee: Money
    free_from: Money = 0
    regions: Ids
    tags: Words
    free_levels: Ids


class NamedForm(Form):
    """A level, a region or a day, and what people call it."""

    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9_*-]{1,64}$")]
    names: Annotated[list[Word], Field(min_length=1, max_length=50)]
    label: Annotated[str, Field(max_length=100)] = ""


class PriceListForm(Form):
    """All that the calculator knows."""

    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] = "CNY"
    decimals: Annotated[int, Field(ge=0, le=4)] = 2
    products: Annotated[list[ProductForm], Field(max_length=5_000, default_factory=list)]
    offers: Annotated[list[OfferForm], Field(max_length=200, default_factory=list)]
    coupons: Annotated[int, Field(ge=0, le=10)] = 1
    points: PointsForm | None = None
    delivery: Annotated[list[DeliveryForm], Field(max_length=50, default_factory=list)]
    levels: Annotated[list[NamedForm], Field(max_length=50, default_factory=list)]
    regions: Annotated[list[NamedForm], Field(max_length=200, default_factory=list)]
    days: Annotated[list[NamedForm], Field(max_length=50, default_factory=list)]


class AskPrice(Form):
    """A question for the price of goods that it names, by price or by name."""

    question: Annotated[str, Field(min_length=1, max_length=300)]
    locale: Literal["zh-CN", "en"] = "zh-CN"


class AuthForm(Form):
    """How a system is shown that we may ask."""

    kind: Literal["none", "bearer", "header", "query", "basic"] = "none"
    name: Annotated[str, Field(max_length=64, pattern=r"^[A-Za-z0-9_-]*$")] = ""
    user: Annotated[str, Field(max_length=200)] = ""


class OperationForm(Form):
    """One thing that may be asked. `{name}` stands for an argument, `{owner}` for who was verified."""

    name: Name
    description: Annotated[str, Field(max_length=1_000)] = ""
    risk: Literal["read", "low_impact_write", "approval_required"] = "read"
    personal: bool = True
    parameters: Annotated[dict[str, Any], Field(max_length=30, default_factory=dict)]
    required: Annotated[list[Name], Field(max_length=30, default_factory=list)]
    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"] = "GET"
    path: Annotated[str, Field(max_length=500)] = ""
    query: Annotated[dict[str, str], Field(max_length=30, default_factory=dict)]
    body: Any = None
    rows: Annotated[str, Field(max_length=200)] = ""
    owner_field: Annotated[str, Field(max_length=200)] = ""
    fields: Annotated[dict[str, str], Field(max_length=50, default_factory=dict)]
    most: Annotated[int, Field(ge=1, le=50)] = 20
    recall: Words


class IdentityForm(Form):
    """How an account is found by what a visitor says it is: `{account}`."""

    path: Annotated[str, Field(max_length=500)]
    query: Annotated[dict[str, str], Field(max_length=30, default_factory=dict)]
    rows: Annotated[str, Field(max_length=200)] = ""
    owner: Annotated[str, Field(max_length=200)] = "owner"
    email: Annotated[str, Field(max_length=200)] = "email"
    phone: Annotated[str, Field(max_length=200)] = "phone"


class ConnectorForm(Form):
    """A way to one system of the company, over HTTP."""

    url: Annotated[str, Field(max_length=2048)]
    description: Annotated[str, Field(max_length=500)] = ""
    auth: AuthForm = AuthForm()
    timeout_s: Annotated[float, Field(gt=0, le=15)] = 5.0
    enabled: bool = True
    operations: Annotated[list[OperationForm], Field(max_length=30, default_factory=list)]
    identity: IdentityForm | None = None
    secret: Annotated[str, Field(max_length=4096, pattern=r"^[\x21-\x7e]*$")] | None = None
    """Key or password; without one it keeps the one it had."""


class RunTool(Form):
    """Arguments of a tool."""

    arguments: Annotated[dict[str, Any], Field(max_length=30, default_factory=dict)]


class Correct(Form):
    """What an answer should have said."""

    text: Annotated[str, Field(min_length=1, max_length=20_000)]
    title: Annotated[str, Field(max_length=200)] = ""
