"""Settings: read once, wrong ones named all at once, secrets never shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from realtime.config import BadSettings, Config
from realtime.secret import secret_keys

KEY = "k" * 32


def test_nothing_given_is_the_embedded_deployment() -> None:
    config = Config.from_env({})
    assert config.database_url == "sqlite:///realtime.db"
    assert (config.host, config.port, config.workers, config.redis_urls) == (
        "127.0.0.1",
        8000,
        1,
        (),
    )
    assert config.reconcile_s == 30 and config.rate_limits


def test_every_bad_variable_is_named_at_once() -> None:
    env = {
        "REALTIME_PORT": "eighty",
        "REALTIME_DATABASE_URL": "mysql://x",
        "REALTIME_REDIS_URL": "localhost",
        "REALTIME_SECRET_KEYS": "short",
        "REALTIME_ORIGINS": "example.org",
        "REALTIME_RECONCILE_S": "0",
        "REALTIME_TRUSTED_PROXIES": "proxy",
        "REALTIME_RATE_LIMITS": "no",
    }
    with pytest.raises(BadSettings) as caught:
        Config.from_env(env)
    assert all(name in str(caught.value) for name in env)
    assert "short" not in str(caught.value), "a key is not shown, not even a bad one"


@pytest.mark.parametrize(
    ("name", "text", "field", "value"),
    [
        ("REALTIME_REDIS_URL", "redis://a:1, redis://b:2", "redis_urls", ("redis://a:1", "redis://b:2")),
        ("REALTIME_ORIGINS", "https://A.example/", "origins", frozenset({"https://a.example"})),
        ("REALTIME_UPLOADS", "/srv/pictures", "uploads", Path("/srv/pictures")),
        ("REALTIME_SECRET_KEYS", f"{KEY} {KEY}2", "secret_keys", (KEY, f"{KEY}2")),
        ("REALTIME_RATE_LIMITS", "off", "rate_limits", False),
        ("REALTIME_DATABASE_URL", "postgres://x/y", "database_url", "postgresql://x/y"),
    ],
)  # fmt: skip
def test_a_variable_is_read(name: str, text: str, field: str, value: object) -> None:
    assert getattr(Config.from_env({name: text}), field) == value


def test_what_is_given_wins_over_the_environment() -> None:
    assert Config.from_env({"REALTIME_PORT": "1"}, port=2).port == 2


@pytest.mark.parametrize(
    ("env", "given", "says"),
    [
        ({}, {"workers": 2}, "REALTIME_REDIS_URL"),
        ({"REALTIME_REDIS_URL": "redis://x"}, {"workers": 2}, "REALTIME_DATABASE_URL"),
        ({"REALTIME_RATE_LIMITS": "off", "REALTIME_HOST": "0.0.0.0"}, {}, "loopback"),
    ],
)
def test_settings_that_contradict_each_other_are_refused_with_what_to_do(
    env: dict[str, str], given: dict[str, int], says: str
) -> None:
    with pytest.raises(BadSettings, match=says):
        Config.from_env(env, **given)


def test_a_config_shows_no_secret() -> None:
    config = Config(database_url="postgresql://u:hunter2@db/x", secret_keys=(KEY,))
    assert "hunter2" not in repr(config) and KEY not in repr(config)


def test_the_embedded_default_makes_its_key_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    config = Config(database_url=f"sqlite:///{tmp_path / 'x.db'}")
    first = secret_keys(config)
    assert secret_keys(config) == first and len(first[0]) >= 32
    assert (tmp_path / "x.key").stat().st_mode & 0o777 == 0o600


def test_a_shared_database_needs_a_shared_key() -> None:
    with pytest.raises(BadSettings, match="REALTIME_SECRET_KEYS"):
        secret_keys(Config(database_url="postgresql://db/x"))
    assert secret_keys(Config(database_url="postgresql://db/x", secret_keys=(KEY,))) == (KEY,)
