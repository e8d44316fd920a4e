"""The part of JupyterLab's server that readies the kernels: `GET` and `POST /lecturelib/lecture`.

GET says how each stop stands. POST {"stop": 3, "afresh": true}: the lecturer is at stop 3, and
with `afresh` its kernel begins again in a new process.
"""

import json

from jupyter_server.base.handlers import APIHandler
from jupyter_server.serverapp import ServerApp
from jupyter_server.utils import url_path_join
from tornado import web

from lecturelib.lecture.room import Room


class Lecture(APIHandler):
    """Both answer with the state of all stops; the work goes on behind."""

    def initialize(self, room: Room) -> None:
        self.room = room

    @web.authenticated
    async def get(self) -> None:
        self.finish(json.dumps(await self.room.state()))

    @web.authenticated
    async def post(self) -> None:
        wish = self.get_json_body() or {}
        number, last = wish.get("stop"), len(self.room.stops) - 1
        if type(number) is not int or not 0 <= number <= last:
            raise web.HTTPError(400, f"stop={number!r}: give a number from 0 to {last}")
        await self.room.seat(self.room.stops[number]["path"])
        self.room.step(number, afresh=bool(wish.get("afresh")))
        self.finish(json.dumps(await self.room.state()))


def _jupyter_server_extension_points() -> list[dict]:
    return [{"module": "lecturelib.lecture.server"}]


def _load_jupyter_server_extension(server: ServerApp) -> None:
    plan = server.config["Lecture"]
    room = Room(server, plan["stops"], live=plan["live"])
    address = url_path_join(server.base_url, "lecturelib", "lecture")
    server.web_app.add_handlers(".*$", [(address, Lecture, {"room": room})])
    server.io_loop.call_later(0, room.prepare)
