"""A portal's side of the work, as its programmers would write it: an outside program.

It knows the gateway only by its REST API and its signed webhooks. To read it as an example, start
with `client.py` (one call to issue), `webhooks.py` (one trustworthy event) and `views.py` (one
redirect between them). All persons, codes of procedures and fees in it are invented.
"""
