"""What the components compute in Python: places of labels, batches of frames, wording, the list of pages."""

import tomllib
from pathlib import Path

import numpy as np
import pytest

import apps
from apps.studio import background_work, navigation, wording
from apps.studio.browser.frame_player import MOST, Feed, Scene
from apps.studio.charts.curves import CLEAR, ROW, Curve, Level, chart, thin
from apps.studio.charts.labels import spread
from envs.engine import palette

ROOT = Path(__file__).parents[2]


def test_thin_keeps_first_and_last():
    assert thin(3) == [0, 1, 2]
    kept = thin(10_000, most=100)
    assert len(kept) == 100
    assert (kept[0], kept[-1]) == (0, 9_999)


@pytest.mark.parametrize("values", [[0.0, 0.0, 0.0], [1.0, 0.99, 0.5], [0.2], [3.0, 1.0, 2.0]])
def test_spread_labels_are_apart_and_in_order(values):
    moved = spread(values, gap=0.3)
    order = np.argsort(values, kind="stable")
    assert (np.diff(np.array(moved)[order]) >= 0.3 - 1e-9).all()
    # Labels that had room stay where their lines end.
    if len(values) > 1 and np.diff(np.sort(values)).min() >= 0.3:
        assert moved == values


def test_spread_block_stays_centred():
    assert np.mean(spread([1.0, 1.0, 1.0], gap=0.5)) == pytest.approx(1.0)


def test_chart_spec_does_not_change_with_the_data():
    """Else the browser would draw it anew every second."""

    def spec(length):
        x = list(range(length))
        curves = [Curve(name="agent", x=x, y=[float(i) for i in x])]
        whole = chart(curves, [Level(name="base", y=3.0)], x_title="step", y_title="return").to_dict()
        whole.pop("datasets")
        return (
            str(whole)
            .replace(str(whole["layer"][0]["data"]), "")
            .replace(str(whole["layer"][-1]["data"]), "")
        )

    assert spec(5) == spec(50)


def test_on_a_phone_labels_stand_above_the_lines():
    """One below the other in the order of the lines, and the axis ends under them."""
    curves = [
        Curve(name=name, x=[0, 1], y=[0.0, y]) for name, y in (("low", 1.0), ("high", 9.0), ("middle", 5.0))
    ]
    shown = chart(curves, [Level(name="base", y=5.0)], x_title="step", y_title="return").to_dict()
    ends = next(rows for rows in shown["datasets"].values() if "row" in rows[0])
    rows = {row["label"].split()[0]: row["row"] for row in ends}
    assert rows["high"] < min(rows["middle"], rows["base"]) < max(rows["middle"], rows["base"]) < rows["low"]
    assert np.diff(sorted(rows.values())).min() == ROW
    assert max(rows.values()) < ROW * len(ends)
    assert str(ROW * len(ends) + CLEAR) in str(shown["layer"][2]["encoding"]["y"]["scale"]["rangeMax"])


def test_chart_labels_say_the_last_value():
    shown = chart(
        [Curve(name="agent", x=[0, 1], y=[1.0, 2.5])], [], x_title="step", y_title="return"
    ).to_dict()
    labels = [row.get("label") for rows in shown["datasets"].values() for row in rows]
    assert "agent 2.5" in labels


def scene() -> Scene:
    return Scene(size=(10, 10), fps=10, label="nothing")


def test_feed_answers_each_request_once():
    asked = []

    def produce(count, actions):
        asked.append(count)
        return [{"d": [], "t": i} for i in range(count)]

    feed = Feed(scene=scene(), produce=produce, frames=[])
    want = {"stream": feed.stream, "batch": 1, "count": 5}
    feed.answer(want)
    feed.answer(want)
    assert asked == [5]
    assert feed.payload()["batch"] == 1
    feed.answer({"stream": "another", "batch": 2, "count": 5})
    feed.answer(None)
    assert asked == [5]


@pytest.mark.parametrize("log", [False, True])
def test_labels_at_the_bottom_stand_above_the_axis(log):
    lines = [Curve(name=f"line {i}", x=[0.0, 1.0], y=[100.0, 0.5]) for i in range(3)]
    for count in (1, 3):
        drawn = chart(lines[:count], x_title="", y_title="", y_range=(0.1, 100.0), log=log).to_dict()
        rows = [row for rows in drawn["datasets"].values() for row in rows if "at" in row]
        assert len(rows) == count and min(row["at"] for row in rows) >= 0.1
        assert len({round(row["at"], 6) for row in rows}) == count


def test_feed_limits_what_a_browser_may_ask_for():
    feed = Feed(scene=scene(), produce=lambda count, actions: [{"d": [], "t": 0}] * count, frames=[])
    feed.answer({"stream": feed.stream, "batch": 1, "count": 10**9})
    assert len(feed.frames) == MOST


def test_feed_begins_anew_on_request():
    opening = {"d": [], "t": 0}
    feed = Feed(scene=scene(), produce=lambda count, actions: [], frames=[], restart=lambda: [opening])
    feed.finished, before = True, feed.stream
    feed.answer({"stream": feed.stream, "batch": 1, "restart": True})
    assert feed.frames == [opening]
    assert not feed.finished
    assert feed.stream != before


def test_background_keeps_results_and_raises_errors():
    assert background_work.ask(("test", 1), lambda: 5) in (None, 5)
    background_work.wait(10)
    assert background_work.ask(("test", 1), lambda: 6) == 5
    background_work.ask(("test", 2), lambda: 1 / 0)
    background_work.wait(10)
    with pytest.raises(ZeroDivisionError):
        background_work.ask(("test", 2), lambda: 1)
    background_work.begin_look()
    assert not background_work.pending()


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.04, "0.0 s"),
        (6.23, "6.2 s"),
        (61, "61 s"),
        (200, "3 min 20 s"),
        (599.9, "10 min"),
        (3900, "65 min"),
        (9000, "2 h 30 min"),
    ],
)
def test_durations(seconds, words):
    assert wording.duration(seconds).removesuffix(" 0 s") == words


def test_pages_are_found_from_folders(tmp_path, monkeypatch):
    begin = "from apps.studio.page.page import Page\n"
    for name, text in {
        "b": f'"""About b.\n\nMore."""\n{begin}'
        'PAGE = Page(name="b", title="B", question="?", section="S", order=2)\n',
        "a": f'{begin}PAGE = Page(name="a", title="A", question="?", order=1)\n',
        "broken": "def (\n",
    }.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "page.py").write_text(text)
    monkeypatch.setattr(navigation, "APPS", tmp_path)
    monkeypatch.setattr(apps, "__path__", [str(tmp_path)])
    entries = navigation.find_pages()
    entries = [entry for entry in entries if entry.path is not None]  # not those of tasks without a page
    assert [entry.page.name for entry in entries] == ["a", "b", "broken"]
    assert (entries[1].page.title, entries[1].page.section, entries[1].help) == ("B", "S", "About b.")
    assert entries[2].page.title == "Broken"
    assert list(navigation.by_section(entries)) == ["", "S"]


def test_every_page_says_where_it_belongs():
    entries = navigation.find_pages()
    assert {entry.page.name for entry in entries} >= {"start", "arena", "runs"}
    for entry in entries:
        assert entry.path is None or entry.page.name == entry.path.parent.name
        assert entry.page.order < 1000 and entry.help, entry.path
    taken = {"agents", "envs", "sandbox", "apps", "pages"}
    # Streamlit puts apps/ first on sys.path: a folder there must not hide a package.
    assert not taken & {path.name for path in navigation.APPS.iterdir()}


@pytest.fixture(scope="module")
def config():
    return tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())


def test_theme_has_the_colours_of_the_palette(config):
    names = {"blue": "model", "gray": "baseline", "orange": "human", "green": "truth", "red": "danger"}
    for theme in (config["theme"]["light"], config["theme"]["dark"]):
        for color, hue in names.items():
            assert theme[f"{color}Color"] == palette.HUES[hue]
        assert theme["chartCategoricalColors"] == list(palette.HUES.values())
        for key in ("backgroundColor", "secondaryBackgroundColor", "textColor", "borderColor"):
            assert theme[key] in palette.NEUTRALS.values(), key
    assert config["theme"]["light"]["primaryColor"] == config["theme"]["light"]["linkColor"] == palette.MODEL
    # Words stand on the dark page in these: lighter, for their contrast.
    assert config["theme"]["dark"]["primaryColor"] == palette.blend("model", "white", 0.2)
    assert config["theme"]["dark"]["linkColor"] == palette.blend("model", "white", 0.45)


def test_the_server_is_for_this_machine_only(config):
    server = config["server"]
    assert server["address"] == "127.0.0.1"
    assert set(server["allowedHosts"]) == {"localhost", "127.0.0.1"}
    assert server["maxUploadSize"] <= 10
    assert server["enableStaticServing"] is False
    assert server["enableAgentApi"] is False
    assert config["browser"]["gatherUsageStats"] is False
