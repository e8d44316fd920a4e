"""The kernels of a route, each brought to its stops while the lecture goes on.

A stop is `waiting`, `working`, `ready` or `failed`. Instant: its cell has been run, from shipped
checkpoints. Live: everything before its cell has been run, and the lecturer runs the cell.
"""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
import psutil
from nbclient.exceptions import CellExecutionError, DeadKernelError

from lecturelib.lecture import steps

AT_ONCE = 2  # kernels that are made ready at the same time
MEMORY = 4 * 2**30  # bytes that must be free before another begins: the largest takes about that
DIED = "the kernel has died or was restarted"
FULL = "waits for 4 GiB of free memory: close programs, or step on, and passed kernels end"
CLOSED = "its kernel was ended to free memory; step to it, and it begins again"


@dataclass
class Desk:
    """A notebook's copy, its stops' numbers, the process that ran it, how often it was written.

    lock  one work at a time;  door  one session, whoever asks for it first
    """

    path: str
    numbers: list[int] = field(default_factory=list)
    process: int | None = None
    version: int = 0
    work: list[asyncio.Task] = field(default_factory=list)
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    door: asyncio.Lock = field(default_factory=asyncio.Lock)


class Room:
    """All desks. `stops` are dicts as `hall.server_settings` writes them."""

    def __init__(self, server: Any, stops: list[dict], *, live: bool) -> None:
        self.server, self.stops, self.live = server, stops, live
        self.how = [("waiting", "")] * len(stops)  # and, where it failed, why
        self.here = 0  # the stop at which the lecturer is
        self.places = asyncio.Semaphore(AT_ONCE)
        self.desks: dict[str, Desk] = {}
        for number, stop in enumerate(stops):
            self.desks.setdefault(stop["path"], Desk(stop["path"])).numbers.append(number)

    def prepare(self) -> None:
        """Begin with all desks in the order of the route; live, only the first stop of each."""
        for desk in self.desks.values():
            numbers = desk.numbers[:1] if self.live else desk.numbers
            desk.work.append(asyncio.ensure_future(self._in_turn(desk, numbers)))

    def step(self, number: int, *, afresh: bool) -> None:
        """The lecturer is at this stop: begin what is to be done, `afresh` in a new process."""
        self.here, desk = number, self.desks[self.stops[number]["path"]]
        running = [task for task in desk.work if not task.done()]
        if not afresh and (self.how[number][0] != "waiting" or (running and not self.live)):
            return
        if afresh:
            for task in running:
                task.cancel()
            for each in desk.numbers:
                self.how[each] = ("waiting", "")
        self.how[number] = ("working", "")
        numbers = [number] if self.live else desk.numbers
        desk.work = [*running, asyncio.ensure_future(self._work(desk, numbers, afresh))]

    async def state(self) -> dict:
        """Everything that the bar shows."""
        up = {path: await self._is_up(desk) for path, desk in self.desks.items()}
        stops = []
        for stop, (state, why) in zip(self.stops, self.how, strict=True):
            if state == "ready" and not up[stop["path"]]:
                state, why = "failed", DIED
            stops.append(stop | {"state": state, "why": why})
        versions = {path: desk.version for path, desk in self.desks.items()}
        return {"live": self.live, "stops": stops, "versions": versions}

    async def _in_turn(self, desk: Desk, numbers: Iterable[int]) -> None:
        async with self.places:
            await self._room_for(desk)
            await self._work(desk, numbers, afresh=False)

    async def _room_for(self, desk: Desk) -> None:
        """Wait for free memory; notebooks whose stops have all been passed make it."""
        while psutil.virtual_memory().available < MEMORY:
            passed = [d for d in self.desks.values() if d.process and max(d.numbers) < self.here]
            if passed:
                await self._close(passed[0])
                continue
            for number in desk.numbers:
                self.how[number] = ("waiting", FULL)
            await asyncio.sleep(3)

    async def _close(self, desk: Desk) -> None:
        desk.process = None
        for number in desk.numbers:
            self.how[number] = ("waiting", CLOSED)
        if await self.server.session_manager.session_exists(desk.path):
            session = await self.server.session_manager.get_session(path=desk.path)
            await self.server.session_manager.delete_session(session["id"])

    async def _work(self, desk: Desk, numbers: Iterable[int], afresh: bool) -> None:
        async with desk.lock:
            number = await self.seat(desk.path)
            if afresh:
                await self.server.kernel_manager.restart_kernel(number, now=True)
            kernel: Any = self.server.kernel_manager.get_kernel(number)
            desk.process = _process(kernel)
            found = {}
            for number in numbers:
                self.how[number] = ("working", "")
                found[number] = await self._reach(kernel, self.stops[number])
                if getattr(asyncio.current_task(), "cancelling", int)():
                    return
            for number, how in found.items():  # together: a busy kernel answers no explorer
                self.how[number] = how
            desk.version += 1

    async def _reach(self, kernel: Any, stop: dict) -> tuple[str, str]:
        copy = Path(self.server.root_dir, stop["path"])
        try:
            await steps.reach(kernel, copy, stop["at"], inclusive=not self.live)
        except CellExecutionError as error:
            return "failed", f"{error.ename}: {error.evalue}".splitlines()[0]
        except (DeadKernelError, RuntimeError) as error:
            return "failed", f"{DIED} ({error})"
        finally:  # what is not signed is not trusted, and shows no widgets
            self.server.contents_manager.notary.sign(nbformat.read(copy, as_version=4))
        return "ready", ""

    async def seat(self, path: str) -> str:
        """The id of a notebook's kernel, started if need be: JupyterLab must find the same one."""
        async with self.desks[path].door:
            if found := await self._running(path):
                return found
            name = Path(path).name
            sessions = self.server.session_manager
            made = await sessions.create_session(path, name, "notebook", "python3")
            return made["kernel"]["id"]

    async def _running(self, path: str) -> str | None:
        sessions = self.server.session_manager
        if not await sessions.session_exists(path):
            return None
        return (await sessions.get_session(path=path))["kernel"]["id"]

    async def _is_up(self, desk: Desk) -> bool:
        number = await self._running(desk.path)
        kernel: Any = number and self.server.kernel_manager.get_kernel(number)
        return bool(kernel) and await kernel.is_alive() and _process(kernel) == desk.process


def _process(kernel: Any) -> int | None:
    return getattr(kernel.provisioner, "pid", None)
