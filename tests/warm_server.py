"""All that a server imports before it serves, for processes that are copied."""

import gc

import server

server.warm_up()
gc.collect()
gc.freeze()
