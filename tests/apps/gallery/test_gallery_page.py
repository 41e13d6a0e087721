"""The gallery: a card says what its environment's file and preset say, and opens the Arena with it."""

import io

import numpy as np
import pytest
from PIL import Image

import envs
from apps.arena import rules
from apps.gallery import cards

NAMES = ["cartpole", "snake", "frozen_lake"]


@pytest.fixture
def few(monkeypatch):
    monkeypatch.setattr(envs, "names", lambda: NAMES)


def test_a_card_says_what_the_files_say():
    card = cards.card_of("snake")
    assert card.title == "Snake" and card.playable
    assert card.goal in " ".join(envs.find("snake").rules.split()) and card.goal.endswith(".")
    assert card.sees.startswith("sees ") and "cells" in card.sees and card.does == "4 actions"
    assert "greedy player" in card.preset
    assert card.matches("cells SNAKE") and not card.matches("snake pole")
    assert cards.card_of("cartpole").sees == "sees 4 numbers"
    assert cards.card_of("pendulum").does == "1 dial"


def test_a_picture_is_of_the_middle_of_a_game():
    pixels = np.asarray(Image.open(io.BytesIO(cards.picture("cartpole"))))
    assert (
        pixels.shape == (cards.HEIGHT, cards.WIDTH, 3) and len(np.unique(pixels.reshape(-1, 3), axis=0)) > 3
    )


def test_the_page_finds_and_opens(open_page, read, few):
    at = open_page("gallery")
    assert not at.error
    assert [button.key for button in at.button] == [f"gallery:{name}" for name in NAMES]
    at.text_input(key="gallery:find").set_value("ice").run()
    assert [button.key for button in at.button] == ["gallery:frozen_lake"]
    at.text_input(key="gallery:find").set_value("nothing says this").run()
    assert "None of 3 environments says so." in read(at)


def test_keys_have_the_names_of_what_they_do():
    said = dict(rules.keys_of(envs.find("snake")))
    assert set(said) == set(envs.find("snake").action_names)
    assert sum(len(keys) for keys in said.values()) == len(envs.find("snake").keys)


@pytest.mark.thorough
@pytest.mark.parametrize("name", envs.names())
def test_every_environment_has_a_card_and_a_picture(name):
    card = cards.card_of(name)
    assert card.goal and len(card.goal) < 200 and card.sees and card.does
    pixels = np.asarray(Image.open(io.BytesIO(cards.picture(name))))
    assert len(np.unique(pixels.reshape(-1, 3), axis=0)) > 2
