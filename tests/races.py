"""Two administrators who deactivate each other at the same moment: only one may get through."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from data_access import account_changes
from data_access.account_changes import AccountError


def deactivate_each_other(
    monkeypatch: pytest.MonkeyPatch,
    pair: tuple[str, str],
    deactivate: Callable[[str, str], Any],
    *,
    seconds: float,
) -> list[str]:
    """Let each of the pair do ``deactivate(who, whom)`` at once; what the refused one was told.

    Fails where both were able to read who is left before either wrote: they would meet within
    ``seconds``.
    """
    both_have_read = threading.Barrier(2, timeout=seconds)
    check = account_changes._check_an_administrator_is_left
    refused: list[str] = []

    def check_together(*args: Any) -> None:
        check(*args)
        with pytest.raises(threading.BrokenBarrierError):
            both_have_read.wait()

    def stop(who: str, whom: str) -> None:
        try:
            deactivate(who, whom)
        except AccountError as error:
            refused.append(str(error))

    monkeypatch.setattr(account_changes, "_check_an_administrator_is_left", check_together)
    threads = [threading.Thread(target=stop, args=each) for each in (pair, pair[::-1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return refused
