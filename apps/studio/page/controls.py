"""The row of controls: Train, Stop and Reset, then what to train, on which data, and how."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import streamlit as st

from apps.studio import background_imports, wording
from apps.studio.page import control_values, own_data, run_selection, setting_widgets, training_buttons
from apps.studio.page.page import Page
from apps.studio.page.setting_widgets import as_widget, setting_widget
from apps.studio.page.setting_widgets import words as setting_words
from sandbox.runs import Run
from sandbox.settings import LARGEST_SEED, specs
from sandbox.targets import import_task
from sandbox.tasks.source import OwnData, Source

if TYPE_CHECKING:
    from sandbox.tasks.task import Task


def run_of(page: Page) -> Run | None:
    """The run that the page shows; for whoever comes first, one that begins to learn."""

    def first(target: str) -> list[str]:
        begins = list(page.begins)
        if begins and begins[0].startswith("--"):
            return [target, *begins]
        return begins if begins and begins[0] == target else [target]

    return training_buttons.run_of_menu(
        page.name,
        f"{page.name}:task",
        page.tasks,
        first,
        lambda run: _says(page, run) if background_imports.ready(*page.waits_for) else {},
    )


def question_of(page: Page) -> str:
    """The page's question; of a page with several tasks that of the chosen one, once it is imported."""
    if len(page.tasks) < 2 or not background_imports.ready(*page.waits_for):
        return page.question
    return _task(_target(page)).title


def show(page: Page, run: Run | None, state: str | None) -> None:
    """Draw the row."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="xsmall"):
        buttons = st.container(horizontal=True, vertical_alignment="bottom", gap="xsmall", width="content")
        # The task brings torch with it; the buttons do not wait for it.
        if background_imports.ready(*page.waits_for):
            _menus(page, run)
        else:
            st.skeleton(height=64)
    with buttons:
        training_buttons.buttons(
            page.name,
            run,
            state,
            lambda: words(page),
            help="Train a new network from scratch, in a process of its own.",
        )


def _menus(page: Page, run: Run | None) -> None:
    """Draw what can be chosen, into a horizontal container."""
    if len(page.tasks) > 1:
        st.selectbox(
            "Task",
            list(page.tasks),
            # As well as in the session, for a browser that is still loading the page.
            index=list(page.tasks).index(_target(page)),
            format_func=lambda name: _task(name).method or _task(name).title,
            key=f"{page.name}:task",
            width=200,
            help="What is learned.",
        )
    target = _target(page)
    task = _task(target)
    _data_menu(page, task)
    preset = _preset_menu(page, task)
    default = asdict(task.settings(preset))
    key = f"{page.name}:{target}:{preset}"
    for name in page.settings:
        if name in default:
            setting_widget(key, task.settings(preset), name, width=105)
    with st.popover("More", icon=":material/more_horiz:"):
        if run is not None:
            _run_menu(page, run)
        st.number_input(
            "Seed",
            0,
            LARGEST_SEED,
            0,
            key=f"{page.name}:seed",
            help="Decides the first weights and the order of the examples.",
        )
        for name in default:
            if name not in page.settings:
                setting_widget(key, task.settings(preset), name)


def _run_menu(page: Page, run: Run) -> None:
    """Which of the trained networks the page shows."""
    names = [each.name for each in run_selection.runs_of(page.tasks)]
    if len(names) < 2 or run.name not in names:
        return
    key = f"{page.name}:trained"
    if st.session_state.get(f"{key}:of") != run.name or st.session_state.get(key) not in names:
        st.session_state[key] = st.session_state[f"{key}:of"] = run.name
    picked = st.selectbox(
        "Trained",
        names,
        key=key,
        help="Networks that were trained before, the newest first; also by other pages.",
    )
    if picked != run.name:
        run_selection.choose(page.name, Run.open(picked))
        st.rerun(scope="fragment")


def words(page: Page) -> list[str]:
    """What stands behind `sandbox train`, from what the controls say now.

    Raises:
        UserError: data of one's own cannot be used; says why.
    """
    target = _target(page)
    task = _task(target)
    preset = str(st.session_state.get(f"{page.name}:{target}:preset", next(iter(task.presets))))
    found = [target, "--preset", preset, "--seed", str(int(st.session_state.get(f"{page.name}:seed", 0)))]
    found += setting_words(f"{page.name}:{target}:{preset}", task.settings(preset))
    source = _source(page, task)
    if isinstance(source, OwnData):
        found += ["--data", str(own_data.path_of(page.name))]
    elif source is not None and source is not _sources(task)[0]:
        found += ["--data", source.name]
    return found


def _target(page: Page) -> str:
    return str(st.session_state.get(f"{page.name}:task", page.tasks[0]))


def _task(target: str) -> Task[Any, Any, Any]:
    return import_task(target)


def _sources(task: Task[Any, Any, Any]) -> Sequence[Source | OwnData]:
    return task.sources


def _source(page: Page, task: Task[Any, Any, Any]) -> Source | OwnData | None:
    titles = {source.title: source for source in _sources(task)}
    chosen = st.session_state.get(f"{page.name}:data")
    return titles.get(str(chosen)) or next(iter(titles.values()), None)


def _data_menu(page: Page, task: Task[Any, Any, Any]) -> None:
    titles = {source.title: source for source in _sources(task)}
    if len(titles) < 2:  # nothing to choose
        return
    if st.session_state.get(f"{page.name}:data") not in titles:
        st.session_state.pop(f"{page.name}:data", None)
    about = " ".join(
        source.about
        for source in titles.values()
        if isinstance(source, Source) and source.about and not source.public
    )
    if any(isinstance(source, Source) and source.public for source in titles.values()):
        about += " Sets with ↓ are fetched when the training begins. The page Data says what is in each."
    chosen = st.selectbox(
        "Data",
        list(titles),
        format_func=lambda title: wording.source(titles[title]),
        key=f"{page.name}:data",
        width=190,
        help=f"What to learn from. {about}",
    )
    own = titles[chosen]
    if isinstance(own, OwnData):
        with st.popover("My data", icon=":material/upload:"):
            own_data.show(page.name, task, own)


def _preset_menu(page: Page, task: Task[Any, Any, Any]) -> str:
    target = _target(page)
    names = list(task.presets)
    if len(names) == 1:
        return names[0]
    return str(
        st.selectbox(
            "Preset",
            names,
            format_func=lambda name: task.preset_titles.get(name, name),
            key=f"{page.name}:{target}:preset",
            width=140 if task.preset_titles else 110,
            help="Settings that go together; *More* changes them one by one.",
        )
    )


def _says(page: Page, run: Run) -> dict[str, Any]:
    """What each control says of a run, by the widget's key."""
    target = run.config["target"]
    task = _task(target)
    settings: Mapping[str, Any] | None = run.config.get("settings")
    if settings is None:  # it still waits: only its command says something
        named = control_values.ordered(run, "preset")
        preset = named if named in task.presets else next(iter(task.presets))
        settings = setting_widgets.said(task.settings(preset), control_values.options(run))
    else:
        preset = _nearest_preset(task, settings)
    found: dict[str, Any] = {
        f"{page.name}:{target}:preset": preset,
        f"{page.name}:seed": control_values.option(run, "--seed", int(run.config.get("seed") or 0)),
    }
    data = control_values.ordered(run, "data")
    for source in _sources(task):
        if isinstance(source, Source) and data in (None, source.name):
            found[f"{page.name}:data"] = source.title
            break
        if isinstance(source, OwnData) and data is not None:
            found |= {f"{page.name}:data": source.title, **own_data.says(page.name, data)}
            break
    known = specs(type(task.settings()))
    for name, value in settings.items():
        if name in known:
            found[f"{page.name}:{target}:{preset}:{name}"] = as_widget(known[name], value)
    return found


def _nearest_preset(task: Task[Any, Any, Any], settings: Mapping[str, Any]) -> str:
    """The preset from which the fewest settings of a run differ."""

    def differing(preset: str) -> int:
        default = asdict(task.settings(preset))
        return sum(_plain(default.get(name)) != _plain(value) for name, value in settings.items())

    return min(task.presets, key=differing)


def _plain(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
