"""The audit: what a finished run says is held against its contracts, its hashes and other code.

``files`` checks every file of a folder ``results`` against the manifest and the contracts;
``numbers`` has the plain module count a random sample of networks again, from their weights and
without the engine: ``cases`` draws and reads them, ``recount`` compares. The audit is a command
and never a rule: as a rule, it would have what was tampered with made again before it looks.
"""
