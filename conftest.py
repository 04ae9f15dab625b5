"""What every run of pytest shares: the examples on the pages, and what is no test."""

pytest_plugins = ["page_examples"]

# Imported by Sphinx, which gives them their environment; tests/test_site.py builds the site.
collect_ignore = ["docs/_extensions", "docs/figures"]
