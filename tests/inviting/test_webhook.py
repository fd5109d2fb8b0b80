"""One delivery: signed so that the specification's own library verifies it, and never waited for long."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from service.inviting import webhook
from service.operations.hooks import spelled
from tests.inviting.receiving import Receiver, certificate, dead, receiver

SECRET = bytes(range(32))
ID = "abcdefghijklmnop"
BODY = json.dumps({"type": "hook.test", "timestamp": "2026-01-31T00:00:00Z", "data": {"label": "Frühling"}}).encode()


@pytest.fixture
def listening() -> Iterator[Receiver]:
    with receiver() as it:
        yield it


def send(url: str) -> int | str:
    return webhook.send(url, ID, SECRET, BODY, private=True)


def test_the_specifications_library_verifies_what_arrives(listening: Receiver) -> None:
    assert send(listening.url) == 204
    assert listening.read(spelled(SECRET)) == [json.loads(BODY)]
    headers, body = listening.got[0]
    assert (headers["webhook-id"], headers["content-type"], body) == (f"msg_{ID}", "application/json", BODY)
    for wrong in ({"webhook-id": "msg_other"}, {"webhook-timestamp": str(int(headers["webhook-timestamp"]) - 1)}):
        with pytest.raises(WebhookVerificationError):
            Webhook(spelled(SECRET)).verify(body, headers | wrong)
    with pytest.raises(WebhookVerificationError):
        Webhook(spelled(SECRET)).verify(body.replace(b"test", b"tost"), headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(spelled(SECRET[::-1])).verify(body, headers)


def test_a_signature_is_that_of_the_specification() -> None:
    """The example of the specification's own text."""
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    body, at = '{"test": 2432232314}', datetime.fromtimestamp(1614265330, UTC)
    assert Webhook(secret).sign("msg_p5jXN8AQM9LWM0D4loKWxJek", at, body) == (
        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    )


def test_a_redirect_is_an_answer_like_any_other(listening: Receiver) -> None:
    with receiver() as elsewhere:
        listening.statuses, listening.location = [307], elsewhere.url
        assert send(listening.url) == 307
        assert elsewhere.got == []


def test_https_needs_a_certificate_that_is_trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = certificate(tmp_path)
    webhook._tls.cache_clear()
    with receiver(own) as it:
        assert send(it.url) == "its certificate or TLS"
        monkeypatch.setenv("SSL_CERT_FILE", str(own))
        webhook._tls.cache_clear()
        assert send(it.url) == 204
        assert it.read(spelled(SECRET)) == [json.loads(BODY)]
    webhook._tls.cache_clear()


def test_nobody_listens() -> None:
    assert send(dead()) == "no connection, or no answer"


def test_who_answers_a_byte_at_a_time_is_hung_up_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhook, "PATIENCE", 0.3)
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def drip() -> None:
            spoken, _ = server.accept()
            with spoken:
                spoken.recv(65_536)
                while not over.is_set():
                    try:
                        spoken.sendall(b"H")
                    except OSError:
                        return
                    over.wait(0.05)

        thread = threading.Thread(target=drip)
        thread.start()
        try:
            assert send(f"http://127.0.0.1:{server.getsockname()[1]}/") == "no connection, or no answer"
        finally:
            over.set()
            thread.join()


def test_who_shakes_hands_a_byte_at_a_time_is_hung_up_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhook, "PATIENCE", 0.3)
    dripped = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def drip() -> None:
            spoken, _ = server.accept()
            with spoken, suppress(OSError):
                spoken.recv(65_536)
                spoken.sendall(b"\x16\x03\x03\x40\x00")  # of the 16,384 bytes of a greeting so many
                for _ in range(100):
                    spoken.sendall(b"H")
                    time.sleep(0.05)
                dripped.append("all")

        thread = threading.Thread(target=drip)
        thread.start()
        assert send(f"https://127.0.0.1:{server.getsockname()[1]}/") == "no connection, or no answer"
        thread.join()
    assert dripped == []


def test_what_is_no_http_is_no_answer() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def hello() -> None:
            spoken, _ = server.accept()
            with spoken:
                spoken.recv(65_536)
                spoken.sendall(b"220 hello, this is mail\r\n\r\n")

        thread = threading.Thread(target=hello)
        thread.start()
        assert send(f"http://127.0.0.1:{server.getsockname()[1]}/") == "no connection, or no answer"
        thread.join()
