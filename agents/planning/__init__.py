"""Export the search and the players that use it."""

from agents.planning.search import Found, Search, SearchPlayer, SearchPolicy

__all__ = ["Found", "Search", "SearchPlayer", "SearchPolicy"]
