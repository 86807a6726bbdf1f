"""Role by deed by relation over HTTP: what ALLOWED says is what every door answers."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Engine

from labbook.core.permissions import Actor, Do
from tests import pgtmp
from tests.browsing import Visitor
from tests.cast import NOW, Cast, make_lab
from tests.conftest import application, let_go
from tests.permissions.doors import DOORS, THEMES, WITHOUT_A_DOOR, Door
from tests.permissions.scenes import RELATIONS, WHO, Scene, furnish

SEED = 20261123


@dataclass
class Stage:
    """A furnished lab with everybody signed in, which can be put back to how it was."""

    app: Flask
    scenes: dict[str, Scene]
    actors: dict[str, Actor | None]
    visitors: dict[str, Visitor]
    file: Path | None = None  # of SQLite; PostgreSQL is not put back

    def put_back(self) -> None:
        """Undo what a door has done."""
        if self.file is None:
            return
        let_go()
        shutil.copy(self.file.with_suffix(".kept"), self.file)

    def answer(self, who: str, door: Door, relation: str) -> int:
        """The status that somebody gets at a door."""
        scene, visitor = self.scenes[relation], self.visitors[who]
        method, _, address = door.request.partition(" ")
        path = _filled(address, scene)
        sent = {} if method == "GET" else {"data": {name: _filled(one, scene) for name, one in door.fields.items()}}
        if sent:
            sent["data"]["csrf_token"] = visitor.good_token()
        if who == "feed token":
            headers = {"Authorization": f"Bearer {scene.token}", "Cookie": f"session={scene.token}"}
            status = visitor.open(f"{path}{'&' if '?' in path else '?'}token={scene.token}", method=method, **sent)
            assert visitor.open(path, method=method, headers=headers, **sent).status_code in (303, 400)
        else:
            status = visitor.open(path, method=method, **sent)
        if status.status_code == 303 and status.headers["Location"].startswith("/sign-in"):
            return -303  # to the sign-in page
        return status.status_code

    def expected(self, who: str, door: Door, relation: str) -> frozenset[int]:
        """The statuses that would be right."""
        actor = self.actors[who]
        return frozenset({-303}) if actor is None else door.expected(actor, self.scenes[relation])


def _filled(pattern: str, scene: Scene) -> str:
    for kind, key in scene.keys.items():
        pattern = pattern.replace(f"{{{kind}}}", key)
    return pattern


@pytest.fixture(scope="module")
def on_file(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """The stage on SQLite."""
    file = tmp_path_factory.mktemp("matrix") / "labbook.db"
    shutil.copy(sqlite_template, file)
    app = application(f"sqlite:///{file}", CLOCK=lambda: NOW)
    with app.app_context():
        stage = _set(app, make_lab())
        stage.file = file
        let_go()
        shutil.copy(file, file.with_suffix(".kept"))
        yield stage
        let_go()


@pytest.fixture(scope="module")
def on_server(postgresql_template: tuple[Engine, str]) -> Iterator[Stage]:
    """The stage on PostgreSQL."""
    admin, template = postgresql_template
    with pgtmp.database(admin, template=template) as url:
        app = application(url, CLOCK=lambda: NOW)
        with app.app_context():
            yield _set(app, make_lab())
            let_go()


def _set(app: Flask, lab: Cast) -> Stage:
    scenes = furnish(lab)
    actors = {who: lab.actor(name) if name else None for who, name in WHO.items()}
    visitors = {who: Visitor(app, name) for who, name in WHO.items()}
    for visitor in visitors.values():
        visitor.good_token()
    return Stage(app, scenes, actors, visitors)


def test_every_deed_has_a_door() -> None:
    with_a_door = {door.do for door in DOORS}
    assert with_a_door | set(WITHOUT_A_DOOR) == set(Do)
    assert not with_a_door & set(WITHOUT_A_DOOR)
    assert len(with_a_door) >= 40


@pytest.mark.parametrize("theme", THEMES)
def test_every_door_answers_everybody_as_the_table_says(on_file: Stage, theme: str) -> None:
    cells, faults = {}, []
    for door in THEMES[theme]:
        for relation in door.relations:
            for who in WHO:
                if on_file.actors[who] is None and relation != door.relations[0]:
                    continue  # whoever is not signed in is sent away before anything is looked up
                expected, status = on_file.expected(who, door, relation), on_file.answer(who, door, relation)
                cells[who, door, relation] = f"{abs(status)}" if status in expected else f"{abs(status)}!"
                if status not in expected:
                    faults.append(f"{who} at {door.request} ({door.do}, {relation}): {status}, not {sorted(expected)}")
                if not door.request.startswith("GET") and status in (201, 303):
                    on_file.put_back()
    print(_table(cells, THEMES[theme]))
    assert not faults, "\n".join(faults)


def test_the_doors_answer_the_same_on_the_server(on_server: Stage) -> None:
    """Some cells of each door, of those that leave the lab as it was."""
    draw, faults = random.Random(SEED), []
    drawn = [(who, door, draw.choice(door.relations)) for door in DOORS for who in draw.sample(sorted(WHO), 2)]
    safe = [cell for cell in drawn if looks(cell) or 303 not in on_server.expected(*cell)]
    for who, door, relation in safe:
        expected, status = on_server.expected(who, door, relation), on_server.answer(who, door, relation)
        if status not in expected:
            faults.append(f"{who} at {door.request} ({door.do}, {relation}): {status}, not {sorted(expected)}")
    assert not faults, "\n".join(faults)
    assert len(safe) > 100


def looks(cell: tuple[str, Door, str]) -> bool:
    """Whether a cell only looks."""
    return cell[1].request.startswith("GET")


def _table(cells: dict[tuple[str, Door, str], str], doors: list[Door]) -> str:
    """The whole matrix as it was answered; `!` marks what should not be."""
    width = max(len(door.request) for door in doors) + 2
    lines = ["".ljust(width + 12) + "".join(who[:14].ljust(16) for who in WHO)]
    for door in doors:
        for relation in door.relations:
            row = "".join(cells.get((who, door, relation), "").ljust(16) for who in WHO)
            lines.append(f"{door.request.ljust(width)}{relation.ljust(12)}{row}")
    return "\n".join(lines)


def test_every_relation_is_furnished(on_file: Stage) -> None:
    assert set(on_file.scenes) == set(RELATIONS) == {"own", "rival", "project", "other site"}
    assert {frozenset(scene.keys) for scene in on_file.scenes.values()} == {frozenset(on_file.scenes["own"].keys)}
