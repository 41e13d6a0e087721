"""Every page without a browser: with no run, and with a queued, a running, a finished and a failed one."""

from apps.components import navigation

PAGES = [page.name for page in navigation.find_pages()]
