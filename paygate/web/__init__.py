"""DOORS: the portal API and the pages for citizens."""
