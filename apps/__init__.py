"""Streamlit pages and the tasks they show."""
