"""What operators see and are told."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, Field, SecretStr


class Tracing(BaseModel):
    """Traces of turns."""

    trace_url: str = Field(
        "", description="Where traces of turns go, an OTLP/HTTP address such as http://collector:4318; empty: nowhere."
    )
    trace_file: Path | None = Field(
        None, description="File that traces are added to, a line of OTLP JSON for each turn."
    )
    trace_share: float = Field(1.0, ge=0, le=1, description="Share of turns that are traced, when traces go anywhere.")


class Alerts(BaseModel):
    """Alerts of this installation."""

    alert_throttled_percent: float = Field(
        1, ge=0, le=100, description="Share of providers' answers that say 'too many requests' above which it rings."
    )
    alert_timeout_percent: float = Field(5, ge=0, le=100, description="Share of timeouts above which it rings.")
    alert_success_percent: float = Field(
        95, ge=0, le=100, description="Share of turns that end well below which it rings."
    )
    alert_p95_seconds: float = Field(8, gt=0, le=600, description="Time of 95 in 100 turns above which it rings.")
    alert_queue: int = Field(
        1_000, ge=1, description="Writes that wait, or conversations that wait for a person, above which it rings."
    )
    alert_cost_a_day: float = Field(0, ge=0, description="Cost of providers in a day above which it rings; 0 never.")
    alert_disk_gigabytes: float = Field(2, ge=0, description="Free space of the data folder below which it rings.")
    alert_lag_seconds: float = Field(0.5, gt=0, le=60, description="Lateness of the event loop above which it rings.")
    alert_for_seconds: float = Field(60, ge=0, le=3_600, description="How long it must hold before anybody is told.")
    alert_window_seconds: float = Field(
        300, ge=1, le=3_600, description="Over how many seconds shares and the time of turns are taken."
    )
    alert_group_seconds: float = Field(
        30, ge=0, le=3_600, description="How long alerts gather before they are told together in one letter or call."
    )
    alert_again_hours: float = Field(4, gt=0, le=168, description="After how long what still holds is told again.")
    alert_smtp_url: SecretStr = Field(
        SecretStr(""), description="Mail server for alerts: smtp://name:password@host:587, or smtps://…; empty: none."
    )
    alert_mail_from: str = Field("", description="Sender of alert letters.")
    alert_mail_to: str = Field("", description="Who gets alert letters, with commas between.")
    alert_webhook_url: str = Field("", description="Address that alerts are posted to as JSON; empty: none.")
    alert_webhook_secret: SecretStr = Field(SecretStr(""), description="Secret that signs posted alerts (whsec_…).")
    alert_robot_kind: Literal["wecom", "dingtalk", "feishu"] = Field("wecom", description="Kind of the group's robot.")
    alert_robot_url: SecretStr = Field(SecretStr(""), description="The robot's address; empty: none.")
    alert_robot_secret: SecretStr = Field(SecretStr(""), description="For DingTalk's and Feishu's signatures.")
    alert_sms_url: str = Field("", description="Gateway that alerts are posted to for SMS; empty: none.")
    alert_sms_key: SecretStr = Field(SecretStr(""), description="Bearer key for the SMS gateway.")
    alert_sms_to: str = Field("", description="Phone numbers for alerts, with commas between.")
    alert_locale: Literal["zh-CN", "en"] = Field("zh-CN", description="Language of alerts.")
