"""Export the search and the players that use it."""

from agents.planning.search import Found, Search
from agents.planning.search_player import SearchPlayer, SearchPolicy

__all__ = ["Found", "Search", "SearchPlayer", "SearchPolicy"]
