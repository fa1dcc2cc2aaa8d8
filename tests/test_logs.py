"""What a log says of a visitor who left while the server answered: one line, and every other error whole."""

from __future__ import annotations

import logging

import pytest
from starlette import websockets

from components import logs

LEFT = [getattr(websockets, name) for name in dir(websockets) if name.startswith("WebSocketDisconnect")]


class Kept(logging.Handler):
    def __init__(self):
        super().__init__()
        self.records = []

    def emit(self, record):
        self.records.append(record)


@pytest.fixture
def server():
    kept, logger = Kept(), logging.getLogger(logs.SERVER)
    logger.addHandler(kept)
    yield logger, kept.records
    logger.removeHandler(kept)


def complain(logger, error):
    try:
        raise error
    except type(error):
        logger.exception("Exception in ASGI application")


@pytest.mark.parametrize("kind", LEFT)
def test_a_visitor_who_left_is_one_line(kind, server):
    logger, records = server
    before = logs.counts["visitor_gone"]
    try:
        error = kind()
    except TypeError:
        error = kind("gone")
    complain(logger, error)
    assert records == []
    assert logs.counts["visitor_gone"] == before + 1


def test_any_other_error_of_the_server_stays_whole(server):
    logger, records = server
    complain(logger, RuntimeError("no such thing"))
    (record,) = records
    assert record.exc_info[0] is RuntimeError
