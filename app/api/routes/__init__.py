"""One module for each noun of the API: parse, call, return.

A route that waits for the database or the index is a plain `def`, which FastAPI runs in a
thread; `async def` is for streams, and for what never waits.
"""
