"""Sketch a digit; a network learns to read while you watch."""

import streamlit as st

TITLE = "Home"
SECTION = ""
ICON = ":material/home:"
ORDER = 0

st.title("Home")
