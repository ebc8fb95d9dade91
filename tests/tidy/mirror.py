"""tests/unit and tests/fakes have the rooms of the tree: who looks for a room's tests finds them by its name."""

from layers import FLOORS, room_of

# Rooms without unit tests, and why.
WITHOUT = {"gateway/builtin": "one page, of a build without the page"}
SHARED = ("", "storage", "gateway")  # what several rooms share


def check(tree):
    rooms = {room.removeprefix("bouncer/"): room for floor in FLOORS for room in floor}
    tested = set()
    for top in ("tests/unit", "tests/fakes"):
        for source in tree.under(top):
            if source.language != "c++":
                continue
            room = room_of(source.path).removeprefix(top).removeprefix("/")
            test = top == "tests/unit" and source.path.rsplit("/", 1)[1].startswith("test_")
            if test:
                tested.add(room)
            if room not in rooms and (test or room not in SHARED):
                yield source.path, 1, f"there is no room {room or top}: tests lie as what they test"
    present = {room_of(source.path) for source in tree.under("bouncer", "gateway", "storage") if source.language == "c++"}
    for name, room in rooms.items():
        if room in present and room not in WITHOUT and name not in tested:
            yield f"tests/unit/{name}", 1, f"{room} has no unit tests"
