"""A menu that the page moves stays moved, and a person can choose something else afterwards."""

from streamlit.testing.v1 import AppTest


def page():
    import streamlit as st

    from apps.studio.page import movable_menu

    st.button("Move", on_click=lambda: movable_menu.move("menu", "second"))
    st.write(movable_menu.menu("Menu", {"first": "the first", "second": "the second"}, key="menu"))


def test_a_message_from_before_the_move_does_not_undo_it():
    """While a page redraws often, the browser sends the old value after Python has set the new one."""
    at = AppTest.from_function(page).run()
    before = at._tree.get_widget_states()
    at.button[0].click().run()
    assert at.selectbox[0].value == at.session_state["menu"] == "second"
    at._run(before)
    assert at.selectbox[0].value == at.session_state["menu"] == "second"
    at.selectbox[0].set_value("first").run()
    assert at.session_state["menu"] == "first"
    at.button[0].click().run()
    assert at.selectbox[0].value == at.session_state["menu"] == "second"


def test_the_address_says_what_is_chosen_and_chooses():
    at = AppTest.from_function(page)
    at.query_params["menu"] = "the second"
    at.run()
    assert at.selectbox[0].value == "second"
    at.selectbox[0].set_value("first").run()
    assert "menu" not in at.query_params
    at.button[0].click().run()
    assert at.query_params["menu"] in ("the second", ["the second"])
    unknown = AppTest.from_function(page)
    unknown.query_params["menu"] = "nothing"
    assert unknown.run().selectbox[0].value == "first"
